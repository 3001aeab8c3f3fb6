import Core
import Foundation
import Numerics

/// Named tensors in one safetensors file: weights, codebooks, checkpoints.
///
///     try SafeTensors.write(["codebook": Tensor(codebook)], metadata: ["seed": "7"], to: "layer.safetensors")
///     let file = try SafeTensors("layer.safetensors")           // checks the header, reads no tensor
///     let layer = try file.matrix("codebook")
///     file.metadata["seed"]                                     // "7"
///
/// The file is an 8-byte header length, a JSON header, and the tensors' bytes without gaps. The same tensors and
/// metadata always give the same bytes. Reading maps the file, so a tensor takes memory only when it is asked for.
///
/// Source: the safetensors format, version 0.4, as its documentation describes it.
public struct SafeTensors: Sendable {
    /// The file.
    public let path: String
    /// The `__metadata__` of the header.
    public let metadata: [String: String]
    /// The tensors' names, sorted by their bytes.
    public let names: [String]
    private let entries: [String: Entry]
    private let file: MappedFile
    private let start: Int

    /// Larger headers are refused, as the reference implementation does.
    static let headerLimit = 100_000_000

    private struct Entry {
        /// The element type as the file calls it: any that the format has, or will have.
        let dtype: String
        let shape: [Int]
        let range: Range<Int>

        /// Nil for a type that is not read.
        var element: Tensor.Element? { Tensor.Element(rawValue: dtype) }
    }

    /// A tensor's description in the JSON header.
    private struct Description: Decodable {
        let dtype: String
        let shape: [Int]
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let data_offsets: [Int]
    }

    private struct Header: Decodable {
        var tensors: [String: Description] = [:]
        var metadata: [String: String] = [:]

        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for name in container.allKeys {
                if name.stringValue == "__metadata__" {
                    // Published weights have null there, which the reference implementation takes for none.
                    metadata = try container.decodeIfPresent([String: String].self, forKey: name) ?? [:]
                } else {
                    tensors[name.stringValue] = try container.decode(Description.self, forKey: name)
                }
            }
        }
    }

    /// Opens a file and checks every entry of its header against the file's real size.
    ///
    /// Tensors of types that are not read are not an error before they are asked for.
    /// - Throws: `LloydError` if the header is damaged, a shape and its bytes disagree, or tensors overlap, leave gaps
    ///   or end beyond the file.
    public init(_ path: String) throws {
        self.path = path
        file = try MappedFile(path)
        let bytes = file.bytes
        func damaged(_ problem: String) -> LloydError {
            LloydError(
                path: path, problem: "\(problem); it is read as a safetensors file", remedy: "copy or write it again")
        }
        guard bytes.count >= 8 else { throw damaged("has \(bytes.count) bytes, too few for a header") }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(bytes.count - 8) else {
            throw damaged("is cut short, or damaged: its header would have \(length) bytes of \(bytes.count)")
        }
        guard length <= UInt64(Self.headerLimit) else { throw damaged("has a header of \(length) bytes") }
        start = 8 + Int(length)
        let text = Data(bytes[8..<start])
        guard text.first == UInt8(ascii: "{") else { throw damaged("has a header that is not a JSON object") }
        let header: Header
        do {
            header = try JSONFile(text, path: path).decode(Header.self)
        } catch let error as LloydError {
            throw damaged("has a header that is not as the format requires (\(error.problem))")
        }
        metadata = header.metadata
        names = header.tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var entries: [String: Entry] = [:]
        for (name, description) in header.tensors.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let offsets = description.data_offsets
            guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= bytes.count - start
            else {
                throw damaged("puts '\(name)' at \(offsets.prefix(4)) of \(bytes.count - start) bytes")
            }
            let there = offsets[1] - offsets[0]
            let elements = try Self.count(description.shape) { damaged("gives '\(name)' an impossible shape") }
            if let width = Tensor.bits(of: description.dtype) {
                let (bits, overflow) = elements.multipliedReportingOverflow(by: width)
                guard !overflow, bits % 8 == 0, bits / 8 == there else {
                    throw damaged(
                        "gives '\(name)' of type \(description.dtype) and shape \(description.shape.prefix(8)) \(there) "
                            + "bytes, but it takes \(overflow ? "more than any file holds" : "\((bits + 7) / 8)")")
                }
            }
            entries[name] = Entry(dtype: description.dtype, shape: description.shape, range: offsets[0]..<offsets[1])
        }
        self.entries = entries
        // Without overlaps and gaps, and ending with the file: every byte belongs to exactly one tensor.
        var end = 0
        let ordered = names.compactMap { name in entries[name].map { (name, $0.range) } }
        for (name, range) in ordered.sorted(by: { Self.comesBefore($0.1, $1.1) }) {
            guard range.lowerBound == end else {
                throw damaged(
                    range.lowerBound < end
                        ? "lets '\(name)' overlap another tensor"
                        : "has \(range.lowerBound - end) bytes before '\(name)' that belong to no tensor")
            }
            end = range.upperBound
        }
        guard end == bytes.count - start else {
            throw damaged("has \(bytes.count - start - end) bytes behind its last tensor")
        }
    }

    private static func comesBefore(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        (one.lowerBound, one.upperBound) < (other.lowerBound, other.upperBound)
    }

    /// The number of elements. The extents beside a 0 must not be too large either: their products are formed later.
    private static func count(_ shape: [Int], fault: () -> LloydError) throws -> Int {
        guard shape.count <= 32 else { throw fault() }
        var (whole, withoutZeros) = (1, 1)
        for extent in shape {
            guard extent >= 0 else { throw fault() }
            let (product, overflow) = withoutZeros.multipliedReportingOverflow(by: max(extent, 1))
            guard !overflow, product <= 1 << 48 else { throw fault() }
            withoutZeros = product
            whole *= extent
        }
        return whole
    }

    /// The element type, as the format names it, and the shape of a tensor; nil if there is none of that name.
    public func description(of name: String) -> (dtype: String, shape: [Int])? {
        entries[name].map { ($0.dtype, $0.shape) }
    }

    /// Whether there is a tensor of that name.
    public func contains(_ name: String) -> Bool { entries[name] != nil }

    /// A tensor, copied out of the file.
    ///
    /// - Throws: `LloydError` if there is none of that name, or it is of a type that is not read.
    public func tensor(_ name: String) throws -> Tensor {
        guard let entry = entries[name] else {
            let known = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " ..." : "")
            throw LloydError(
                path: path, problem: "holds no tensor '\(name)' (it has \(names.isEmpty ? "none" : known))",
                remedy: "check that it is the right file")
        }
        guard let element = entry.element else {
            throw LloydError(
                path: path, problem: "holds '\(name)' as \(entry.dtype.prefix(40)), which is not read",
                remedy: "store it as one of \(Tensor.Element.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let range = start + entry.range.lowerBound..<start + entry.range.upperBound
        return Tensor(
            element: element, shape: entry.shape,
            bytes: Data(UnsafeRawBufferPointer(rebasing: file.bytes[range])))
    }

    /// The elements of a tensor of a known type, of any shape.
    /// - Throws: `LloydError` as `tensor`, and if it is of another type.
    public func elements<Number: TensorElement>(_ name: String, as type: Number.Type) throws -> [Number] {
        let tensor = try tensor(name)
        guard let elements = tensor.elements(type) else {
            throw LloydError(
                path: path,
                problem: "holds '\(name)' as \(tensor.element.rawValue), not "
                    + "\(Number.tensorElement.rawValue)", remedy: "check that it is the right file")
        }
        return elements
    }

    /// A tensor of two dimensions of F32, copied out of the file.
    /// - Throws: `LloydError` as `tensor`, and for another type or number of dimensions.
    public func matrix(_ name: String) throws -> Matrix {
        let tensor = try tensor(name)
        guard let matrix = tensor.matrix() else {
            throw LloydError(
                path: path,
                problem: "holds '\(name)' as \(tensor.element.rawValue) of shape \(tensor.shape), not as a "
                    + "matrix of F32", remedy: "check that it is the right file")
        }
        return matrix
    }
}
