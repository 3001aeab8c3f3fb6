import Foundation
import Numerics

/// Named tensors in one safetensors file: weights, codebooks, checkpoints.
///
///     try SafeTensors.write(["codebook": Tensor(codebook)], metadata: ["seed": "7"], to: "layer.safetensors")
///     let file = try SafeTensors("layer.safetensors")           // checks the header, reads no tensor
///     let codebook = try file.matrix("codebook")
///     file.metadata["seed"]
///
/// The file is an 8-byte header length, a JSON header, and the tensors' bytes without gaps. The same tensors and
/// metadata always give the same bytes. Reading maps the file, so a tensor costs memory only when it is asked for.
///
/// Source: the safetensors format, version 0.4, as its documentation describes it.
public struct SafeTensors: Sendable {
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
        let element: Tensor.Element
        let shape: [Int]
        let range: Range<Int>
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
                    metadata = try container.decode([String: String].self, forKey: name)
                } else {
                    tensors[name.stringValue] = try container.decode(Description.self, forKey: name)
                }
            }
        }
    }

    /// Opens a file and checks every entry of its header against the file's real size.
    ///
    /// - Throws: `DatasetError` where the header is damaged, an element type is unknown, a shape and its bytes
    ///   disagree, or tensors overlap, leave gaps or end beyond the file.
    public init(_ path: String) throws {
        self.path = path
        file = try MappedFile(path)
        let bytes = file.bytes
        func damaged(_ problem: String) -> DatasetError {
            DatasetError(
                path: path, problem: "\(problem); it is read as a safetensors file", remedy: "copy or write it again")
        }
        guard bytes.count >= 8 else { throw damaged("has \(bytes.count) bytes, too few for a header") }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(bytes.count - 8) else {
            throw damaged("is cut short, or damaged: its header would have \(length) bytes of \(bytes.count)")
        }
        guard length <= UInt64(Self.headerLimit) else { throw damaged("has a header of \(length) bytes") }
        start = 8 + Int(length)
        let header: Header
        do {
            let text = Data(
                bytesNoCopy: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + 8), count: Int(length),
                deallocator: .none)
            guard text.first == UInt8(ascii: "{") else { throw damaged("has a header that is no JSON object") }
            header = try JSONDecoder().decode(Header.self, from: text)
        } catch let error as DatasetError {
            throw error
        } catch {
            throw damaged("has a header that is not as the format demands (\(Self.reason(error)))")
        }
        metadata = header.metadata
        names = header.tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var entries: [String: Entry] = [:]
        for name in names {
            let description = header.tensors[name]!
            guard let element = Tensor.Element(rawValue: description.dtype) else {
                throw DatasetError(
                    path: path, problem: "holds '\(name)' as \(description.dtype.prefix(40)), which is not read",
                    remedy: "store it as one of \(Tensor.Element.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            let offsets = description.data_offsets
            guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= bytes.count - start
            else {
                throw damaged("places '\(name)' at \(offsets.prefix(4)) of \(bytes.count - start) bytes")
            }
            var size = element.size
            for extent in description.shape {
                let (product, overflow) = size.multipliedReportingOverflow(by: extent)
                guard extent >= 0, !overflow else { throw damaged("gives '\(name)' an impossible shape") }
                size = product
            }
            guard size == offsets[1] - offsets[0] else {
                throw damaged(
                    "gives '\(name)' of shape \(description.shape.prefix(8)) \(offsets[1] - offsets[0]) bytes where "
                        + "it takes \(size)")
            }
            entries[name] = Entry(element: element, shape: description.shape, range: offsets[0]..<offsets[1])
        }
        self.entries = entries
        // Without overlaps and gaps, and ending with the file: every byte belongs to exactly one tensor.
        var end = 0
        for name in names.sorted(by: { Self.comesBefore(entries[$0]!.range, entries[$1]!.range) }) {
            let range = entries[name]!.range
            guard range.lowerBound == end else {
                throw damaged(
                    range.lowerBound < end
                        ? "lets '\(name)' overlap another tensor"
                        : "has \(range.lowerBound - end) bytes before '\(name)' that belong to no tensor")
            }
            end = range.upperBound
        }
        guard end == bytes.count - start else {
            throw damaged("goes on for \(bytes.count - start - end) bytes behind its last tensor")
        }
    }

    private static func comesBefore(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        (one.lowerBound, one.upperBound) < (other.lowerBound, other.upperBound)
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "no JSON" }
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "at the top" : context.codingPath.map(\.stringValue).joined(separator: " / ")
        }
        return switch error {
        case .typeMismatch(_, let context): "wrong type: \(place(context))"
        case .valueNotFound(_, let context): "null: \(place(context))"
        case .keyNotFound(let key, let context): "no '\(key.stringValue)': \(place(context))"
        case .dataCorrupted(let context): "no JSON, or a number out of range: \(place(context))"
        @unknown default: "no JSON"
        }
    }

    /// The element type and shape of a tensor, nil where there is none of that name.
    public func description(of name: String) -> (element: Tensor.Element, shape: [Int])? {
        entries[name].map { ($0.element, $0.shape) }
    }

    /// A tensor, copied out of the file.
    ///
    /// - Throws: `DatasetError` where there is none of that name.
    public func tensor(_ name: String) throws -> Tensor {
        guard let entry = entries[name] else {
            let known = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " ..." : "")
            throw DatasetError(
                path: path, problem: "holds no tensor '\(name)' (it has \(names.isEmpty ? "none" : known))",
                remedy: "check that it is the right file")
        }
        let range = start + entry.range.lowerBound..<start + entry.range.upperBound
        return Tensor(
            element: entry.element, shape: entry.shape,
            bytes: Data(UnsafeRawBufferPointer(rebasing: file.bytes[range])))
    }

    /// The elements of a tensor of a known type, of any shape.
    public func elements<Number: TensorElement>(_ name: String, as type: Number.Type) throws -> [Number] {
        let tensor = try tensor(name)
        guard let elements = tensor.elements(type) else {
            throw DatasetError(
                path: path,
                problem: "holds '\(name)' as \(tensor.element.rawValue), not "
                    + "\(Number.tensorElement.rawValue)", remedy: "check that it is the right file")
        }
        return elements
    }

    /// A tensor of two dimensions of F32.
    public func matrix(_ name: String) throws -> Matrix {
        let tensor = try tensor(name)
        guard let matrix = tensor.matrix() else {
            throw DatasetError(
                path: path,
                problem: "holds '\(name)' as \(tensor.element.rawValue) of shape \(tensor.shape), not as a "
                    + "matrix of F32", remedy: "check that it is the right file")
        }
        return matrix
    }
}
