import Core

/// One line of metrics: names and values in a fixed order. The same row goes to metrics.jsonl, metrics.csv and the
/// progress line.
///
///     let row = MetricRow([("layer", .integer(3)), ("train-distortion", .real(0.5))])
///     row.json                                // {"layer": 3, "train-distortion": 0.5}
///     row.csv                                 // 3,0.5
///
/// Values are results, and so the same for any number of ranks; times are kept apart, in accounting.json.
public struct MetricRow: Sendable {
    /// The value of a field.
    public enum Value: Sendable, Equatable {
        case integer(Int)
        case real(Double)
        case text(String)
        /// A value that does not exist in this row: null in JSON, nothing in CSV.
        case missing
    }

    /// Names and values, in the order of the columns.
    public var fields: [(name: String, value: Value)]
    /// What the progress line shows of the row: a few words and figures; may be empty.
    public var headline: String

    /// - Parameters:
    ///   - fields: names and values, in the order of the columns.
    ///   - headline: what the progress line shows of the row.
    public init(_ fields: [(String, Value)], headline: String = "") {
        self.fields = fields.map { (name: $0.0, value: $0.1) }
        self.headline = headline
    }

    /// The value of the first field of this name; nil if there is none.
    public subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

    /// The row as one JSON object. Numbers that are not finite become null.
    public var json: String {
        "{" + fields.map { "\(JSONText.quoted($0.name)): \(jsonValue($0.value))" }.joined(separator: ", ") + "}"
    }

    /// The row as one line of comma-separated values, names left out.
    public var csv: String {
        fields.map { field in
            switch field.value {
            case .integer(let value): "\(value)"
            case .real(let value): value.isFinite ? "\(value)" : ""
            case .text(let value): csvValue(value)
            case .missing: ""
            }
        }.joined(separator: ",")
    }

    private func jsonValue(_ value: Value) -> String {
        switch value {
        case .integer(let value): "\(value)"
        case .real(let value): value.isFinite ? "\(value)" : "null"
        case .text(let value): JSONText.quoted(value)
        case .missing: "null"
        }
    }

    /// Quotes are doubled inside quotes (RFC 4180); nothing else is escaped.
    private func csvValue(_ text: String) -> String {
        let special: Set<Unicode.Scalar> = [",", "\"", "\n", "\r"]
        guard text.unicodeScalars.contains(where: special.contains) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
