import Datasets
import Foundation

/// The file that `--json` asks for.
package enum JSONOutput {
    /// Writes `value` whole or not at all.
    package static func write(_ value: some Encodable, to path: String) throws {
        try OutputFile.write(JSONEncoder.readable.encode(value) + Data("\n".utf8), to: path)
    }
}

/// Sizes for people.
package enum ByteText {
    /// "812 bytes", "3.4 MB", "12 GB": powers of 1000.
    package static func text(_ bytes: Int) -> String { text(Double(bytes)) }

    /// The same of a number that need not be whole.
    package static func text(_ bytes: Double) -> String {
        var value = bytes
        guard value >= 1000 else { return "\(Int(bytes)) bytes" }
        for unit in ["kB", "MB", "GB", "TB"] {
            value /= 1000
            guard value < 1000 || unit == "TB" else { continue }
            return String(format: value < 10 ? "%.1f \(unit)" : "%.0f \(unit)", value)
        }
        return ""
    }
}

extension JSONEncoder {
    /// Sorted keys, one to a line; the same bytes for the same value.
    package static var readable: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }
}
