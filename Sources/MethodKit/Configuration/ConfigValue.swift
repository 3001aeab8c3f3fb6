import YAMLReading
import Yams

/// The value of a config key.
public enum ConfigValue: Hashable, Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    case integers([Int])
    case reals([Double])
    case texts([String])

    /// As YAML.
    public var yaml: String {
        switch self {
        case .none: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value): ConfigValue.quoted(value)
        case .integers(let values): "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
        case .reals(let values): "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
        case .texts(let values): "[" + values.map(ConfigValue.quoted).joined(separator: ", ") + "]"
        }
    }

    /// Plain if that cannot be mistaken; otherwise in quotation marks, with everything that is not printable escaped
    /// as YAML 1.2 has it (5.7), scalar by scalar: a character of several scalars, such as CRLF, hides none.
    private static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .decimalNumber, .letterNumber, .otherNumber:
                true
            default: "-_./+ ".unicodeScalars.contains(scalar)
            }
        }
        let isSafe =
            plain && text.unicodeScalars.first.map { $0.properties.isAlphabetic } ?? false && Double(text) == nil
            && ![
                "true", "false", "null", "yes", "no", "on",
                "off", "y", "n",
            ].contains(text.lowercased()) && !text.hasSuffix(" ")
        guard !isSafe else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"": escaped += "\\\(scalar)"
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            case "\r": escaped += "\\r"
            case " "..."~": escaped.unicodeScalars.append(scalar)
            case _ where isPrintedAsItIs(scalar): escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x100: escaped += "\\x" + hexadecimal(scalar, digits: 2)
            case _ where scalar.value < 0x10000: escaped += "\\u" + hexadecimal(scalar, digits: 4)
            default: escaped += "\\U" + hexadecimal(scalar, digits: 8)
            }
        }
        return "\"\(escaped)\""
    }

    /// What is seen and takes up room: letters, figures, marks and signs outside ASCII.
    private static func isPrintedAsItIs(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar, digits: Int) -> String {
        let text = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

/// What values a key takes.
public enum ConfigKind {
    case boolean
    case integer(ClosedRange<Int>)
    case real(ClosedRange<Double>)
    case text
    /// A text, or nothing.
    case optionalText
    case choice([String])
    case integers(ClosedRange<Int>)
    case reals(ClosedRange<Double>)
    /// A list of the names given.
    case choices([String])
    /// A number above zero and no larger than the one given.
    case positive(Double)
    /// The same, or nothing.
    case optionalPositive(Double)
    /// A list of such numbers.
    case positives(Double)

    /// For people: "an integer from 1 to 100".
    public var expectation: String {
        switch self {
        case .boolean: return "true or false"
        case .integer(let range): return "an integer " + Self.bounds(range, most: Int.max)
        case .real(let range): return "a number " + Self.bounds(range, most: Double.greatestFiniteMagnitude)
        case .text: return "a text"
        case .optionalText: return "a text, or null"
        case .choice(let names): return "one of " + names.joined(separator: ", ")
        case .integers(let range): return "a list of integers " + Self.bounds(range, most: Int.max)
        case .reals(let range): return "a list of numbers " + Self.bounds(range, most: Double.greatestFiniteMagnitude)
        case .choices(let names): return "a list of " + names.joined(separator: ", ")
        case .positive(let most): return "a number above 0, at most \(most)"
        case .optionalPositive(let most): return "a number above 0, at most \(most), or null"
        case .positives(let most): return "a list of numbers above 0, at most \(most)"
        }
    }

    private static func bounds<Number: Comparable>(_ range: ClosedRange<Number>, most: Number) -> String {
        range.upperBound == most ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    }

    /// Whether the value is a text, which `--set` takes as it is given.
    var isText: Bool {
        switch self {
        case .text, .optionalText, .choice: true
        default: false
        }
    }

    /// Reads a YAML node; nil if it is not such a value.
    func value(of node: Node) -> ConfigValue? {
        switch self {
        case .boolean: return node.bool.map { .boolean($0) }
        case .integer(let range): return Self.integer(node, range).map { .integer($0) }
        case .real(let range): return Self.real(node, range).map { .real($0) }
        case .text: return node.scalar.map { .text($0.string) }
        case .optionalText:
            return node.null != nil ? ConfigValue.none : node.scalar.map { .text($0.string) }
        case .choice(let names): return node.scalar.flatMap { names.contains($0.string) ? .text($0.string) : nil }
        case .integers(let range): return Self.list(node) { Self.integer($0, range) }.map { .integers($0) }
        case .reals(let range): return Self.list(node) { Self.real($0, range) }.map { .reals($0) }
        case .choices(let names):
            return Self.list(node) { $0.scalar.flatMap { names.contains($0.string) ? $0.string : nil } }.map {
                .texts($0)
            }
        case .positive(let most): return Self.positive(node, most).map { .real($0) }
        case .optionalPositive(let most):
            return node.null != nil ? ConfigValue.none : Self.positive(node, most).map { .real($0) }
        case .positives(let most): return Self.list(node) { Self.positive($0, most) }.map { .reals($0) }
        }
    }

    /// What stands there instead of such a value, for people: the first element of a list that does not fit.
    func fault(of node: Node) -> String {
        if let text = node.scalar?.string { return found(text) }
        guard let sequence = node.sequence else { return "a group of keys" }
        let element: ConfigKind
        switch self {
        case .integers(let range): element = .integer(range)
        case .reals(let range): element = .real(range)
        case .choices(let names): element = .choice(names)
        case .positives(let most): element = .positive(most)
        default: return "a list"
        }
        let bad = sequence.first { element.value(of: $0) == nil }
        return bad.map { ($0.scalar?.string).map { "\(element.found($0)) in the list" } ?? "a list in the list" }
            ?? "a list"
    }

    /// A scalar that does not fit; of one that looks like a number also why it is none.
    private func found(_ text: String) -> String {
        let most = 200
        let shown = "`\(text.count > most ? text.prefix(most) + "…" : text[...])`"
        switch self {
        case .boolean, .text, .optionalText, .choice, .choices: return shown
        default: return text.count > most ? shown : YAMLNumber.objection(text) ?? shown
        }
    }

    /// Nil if the node is not a list, or one of its elements does not fit.
    private static func list<Element>(_ node: Node, _ element: (Node) -> Element?) -> [Element]? {
        guard let sequence = node.sequence else { return nil }
        let values = sequence.compactMap(element)
        return values.count == sequence.count ? values : nil
    }

    private static func positive(_ node: Node, _ most: Double) -> Double? {
        real(node, 0...most).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func integer(_ node: Node, _ range: ClosedRange<Int>) -> Int? {
        node.scalar.flatMap { YAMLNumber.integer($0.string) }.flatMap { range.contains($0) ? $0 : nil }
    }

    private static func real(_ node: Node, _ range: ClosedRange<Double>) -> Double? {
        node.scalar.flatMap { YAMLNumber.real($0.string) }.flatMap { range.contains($0) ? $0 : nil }
    }
}
