import Foundation
import Numerics

extension SafeTensors {
    /// Writes tensors and metadata to `path`, completely or not at all.
    ///
    /// The header lists names in the order of their bytes; data follow by falling element size, then name, so that
    /// every tensor is aligned to its elements. The same content gives the same bytes.
    /// - Throws: `LloydError` if the file cannot be written.
    public static func write(_ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String) throws {
        precondition(tensors["__metadata__"] == nil, "a tensor cannot be called '__metadata__'")
        let named = tensors.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let order = named.enumerated().sorted {
            let (one, other) = ($0.element.value.element.size, $1.element.value.element.size)
            return one != other ? one > other : $0.offset < $1.offset
        }
        var offsets = [Int](repeating: 0, count: named.count)
        var end = 0
        for (index, entry) in order {
            offsets[index] = end
            end += entry.value.bytes.count
        }
        var fields: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
                "\(JSONText.quoted($0.key, short: false)):\(JSONText.quoted($0.value, short: false))"
            }
            fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        for ((name, tensor), offset) in zip(named, offsets) {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            fields.append(
                "\(JSONText.quoted(name, short: false)):{\"dtype\":\"\(tensor.element.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(offset + tensor.bytes.count)]}")
        }
        var header = Data("{\(fields.joined(separator: ","))}".utf8)
        // Blanks bring the first tensor to a multiple of 8 bytes, as the format advises.
        header.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8))
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        try OutputFile.write([length, header] + order.map(\.element.value.bytes), to: path)
    }
}
