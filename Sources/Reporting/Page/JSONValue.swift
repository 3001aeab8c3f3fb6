import Core
import Foundation

/// Any JSON, for results that have no type of their own.
///
///     let data: JSONValue = ["bound": 0.9185, "table1": [["method": "kmeans", "lambda": nil, "train": 0.673]]]
///     print(data.prettyText)                     // sorted keys; NaN and infinity are null
///     try page.write(to: "Reports/table1", data: data)
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    /// For whole numbers; a Double holds them only up to 2^53.
    case integer(Int64)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// What any `Encodable` value becomes as JSON, with null for numbers that JSON does not have.
    ///
    /// - Throws: `EncodingError` when the value's own `encode(to:)` does.
    public init(encoding value: some Encodable) throws {
        if let json = value as? JSONValue {
            self = json
            return
        }
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: Self.noNumber, negativeInfinity: Self.noNumber, nan: Self.noNumber)
        encoder.dateEncodingStrategy = .iso8601
        self = try JSONDecoder().decode(JSONValue.self, from: encoder.encode(value))
    }

    /// Stands for NaN between encoder and decoder; a private-use letter keeps it apart from real text.
    fileprivate static let noNumber = "\u{F8FF}not a number\u{F8FF}"
}

extension JSONValue {
    /// The numbers of a list, NaN for null; nil for anything else.
    public var numbers: [Double]? {
        guard case .array(let elements) = self else { return nil }
        let numbers = elements.compactMap { element -> Double? in
            switch element {
            case .number(let number): number
            case .integer(let integer): Double(integer)
            case .null: .nan
            default: nil
            }
        }
        return numbers.count == elements.count ? numbers : nil
    }
}

extension JSONValue: Codable {
    public init(from decoder: Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Double.self) {
            if abs(number) >= 0x1p53, let integer = try? container.decode(Int64.self) {
                self = .integer(integer)
            } else {
                self = .number(number)
            }
        } else if let text = try? container.decode(String.self) {
            self = text == Self.noNumber ? .null : .string(text)
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let array = try? container.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .number(let number):
            if number.isFinite { try container.encode(number) } else { try container.encodeNil() }
        case .integer(let integer): try container.encode(integer)
        case .string(let text): try container.encode(text)
        case .array(let array): try container.encode(array)
        case .object(let object): try container.encode(object)
        }
    }
}

extension JSONValue {
    /// Indented text with sorted keys; an array of plain values stays on one line.
    public var prettyText: String {
        var text = ""
        append(to: &text, indentation: "")
        return text + "\n"
    }

    private func append(to text: inout String, indentation: String) {
        let inner = indentation + "  "
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .number(let number): text += Self.text(of: number)
        case .integer(let integer): text += "\(integer)"
        case .string(let string): text += JSONText.quoted(string)
        case .array(let array):
            let flat = array.allSatisfy(\.isPlain)
            text += "["
            for (index, value) in array.enumerated() {
                text += flat ? (index > 0 ? ", " : "") : (index > 0 ? ",\n" : "\n") + inner
                value.append(to: &text, indentation: inner)
            }
            text += flat ? "]" : "\n\(indentation)]"
        case .object(let object):
            text += "{"
            for (index, key) in object.keys.sorted().enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner + JSONText.quoted(key) + ": "
                object[key]!.append(to: &text, indentation: inner)
            }
            text += object.isEmpty ? "}" : "\n\(indentation)}"
        }
    }

    private var isPlain: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private static func text(of number: Double) -> String {
        guard number.isFinite else { return "null" }
        if number == number.rounded() && abs(number) < 0x1p53 { return "\(Int64(number))" }
        return "\(number)"
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
