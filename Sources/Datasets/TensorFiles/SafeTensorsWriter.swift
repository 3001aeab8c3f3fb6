import Foundation
import Numerics

extension SafeTensors {
    /// Writes tensors and metadata to `path`, completely or not at all.
    ///
    /// The header lists names in the order of their bytes; data follow by falling element size, then name, so that
    /// every tensor is aligned to its elements. The same content gives the same bytes.
    /// - Throws: `DatasetError` if the file cannot be written.
    public static func write(_ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String) throws {
        precondition(tensors["__metadata__"] == nil, "a tensor cannot be called '__metadata__'")
        let names = tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let order = names.enumerated().sorted {
            let (one, other) = (tensors[$0.element]!.element.size, tensors[$1.element]!.element.size)
            return one != other ? one > other : $0.offset < $1.offset
        }
        var offsets: [String: Int] = [:]
        var end = 0
        for (_, name) in order {
            offsets[name] = end
            end += tensors[name]!.bytes.count
        }
        var fields: [String] = []
        if !metadata.isEmpty {
            let keys = metadata.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let pairs = keys.map {
                "\(JSONText.quoted($0, short: false)):\(JSONText.quoted(metadata[$0]!, short: false))"
            }
            fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        for name in names {
            let tensor = tensors[name]!
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let offset = offsets[name]!
            fields.append(
                "\(JSONText.quoted(name, short: false)):{\"dtype\":\"\(tensor.element.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(offset + tensor.bytes.count)]}")
        }
        var header = Data("{\(fields.joined(separator: ","))}".utf8)
        // Blanks bring the first tensor to a multiple of 8 bytes, as the format advises.
        header.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8))
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        try AtomicFile.write([length, header] + order.map { tensors[$0.element]!.bytes }, to: path)
    }
}
