import Core
import Foundation

/// JSON read from a file, checked byte by byte before anything is decoded from it.
///
///     let text = try JSONFile(file: "record.json")             // LloydError: which line, which key, what to do
///     let record = try text.decode(Record.self)
///     let curves = try JSONFile(file: "vtm.json", nonFinite: .null)     // Python's NaN is read as null
///
/// A byte order mark is passed over. Errors that name line and key: what RFC 8259 does not allow (trailing commas,
/// comments, NaN), a key that appears twice, numbers beyond 64-bit floats, UTF-16, and nesting or sizes beyond those of
/// this program's files.
public struct JSONFile: Sendable {
    /// How NaN and Infinity are read, which are not JSON although Python's `json` writes them.
    public enum NonFiniteNumbers: Sendable {
        /// They are an error.
        case refused
        /// They are read as null: a figure that is missing.
        case null
    }

    /// Deepest nesting of lists and objects.
    public static let depthLimit = 64
    /// Larger files are refused, in bytes.
    public static let sizeLimit = 64 << 20

    /// The name of the text in errors: the file's path.
    public let path: String
    /// The text without a byte order mark; NaN and Infinity replaced by null if they are read so.
    public let data: Data
    /// How many NaN and Infinity were read as null.
    public let nulled: Int

    /// Reads and checks a file.
    /// - Throws: `LloydError` for a file that is missing, too large, or not JSON.
    public init(
        file path: String, sizeLimit: Int = JSONFile.sizeLimit, nonFinite rule: NonFiniteNumbers = .refused
    ) throws {
        try self.init(
            try InputFile.read(path, most: sizeLimit), path: path, nonFinite: rule)
    }

    /// Checks a text.
    /// - Parameters:
    ///   - path: the name of the text in errors.
    ///   - rule: how NaN and Infinity are read.
    /// - Throws: `LloydError` for what is not JSON.
    public init(_ data: Data, path: String, nonFinite rule: NonFiniteNumbers = .refused) throws {
        self.path = path
        var bytes = [UInt8](data)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]),
            bytes.prefix(2).allSatisfy({ $0 != 0 })
        else {
            throw LloydError(path: path, problem: "is UTF-16 or UTF-32", remedy: "save it as UTF-8")
        }
        var scanner = JSONScanner(bytes, nullsNonFinite: rule == .null)
        do {
            try scanner.scan()
        } catch {
            throw LloydError(
                path: "\(path):\(error.line)",
                problem: "is not valid JSON: " + (error.key.isEmpty ? "" : "\(error.key): ") + error.problem,
                remedy: error.remedy)
        }
        self.data = scanner.replaced.isEmpty ? Data(bytes) : Self.nulls(bytes, at: scanner.replaced)
        nulled = scanner.replaced.count
    }

    /// A value made from the text.
    /// - Throws: `LloydError` that names the key that is missing or has another type.
    public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw LloydError(path: path, problem: Self.reason(error), remedy: "write or copy the file again")
        }
    }

    private static func nulls(_ bytes: [UInt8], at ranges: [Range<Int>]) -> Data {
        var result = Data(capacity: bytes.count + ranges.count)
        var end = 0
        for range in ranges {
            result.append(contentsOf: bytes[end..<range.lowerBound])
            result.append(contentsOf: Array("null".utf8))
            end = range.upperBound
        }
        result.append(contentsOf: bytes[end...])
        return result
    }

    /// A decoder's error as a predicate of the file: "has no `layers[3].bits`".
    static func reason(_ error: DecodingError) -> String {
        func key(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "the top" : "`" + JSONScanner.name(path.map { ($0.intValue, $0.stringValue) }) + "`"
        }
        return switch error {
        case .typeMismatch(_, let context):
            "has a number out of range, or another type than expected, at \(key(context.codingPath))"
        case .valueNotFound(_, let context): "holds null at \(key(context.codingPath))"
        case .keyNotFound(let missing, let context): "has no \(key(context.codingPath + [missing]))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "cannot be read, or holds a number out of range: \(context.debugDescription)"
                : "holds a number out of range, or a value that does not fit, at \(key(context.codingPath))"
        @unknown default: "cannot be read as JSON"
        }
    }
}
