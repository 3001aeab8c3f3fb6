import Datasets
import Foundation

/// The file that `--json` asks for.
enum JSONOutput {
    /// Writes `value` whole or not at all.
    static func write(_ value: some Encodable, to path: String) throws {
        try AtomicFile.write(JSONEncoder.readable.encode(value) + Data("\n".utf8), to: path)
    }
}

/// Sizes for people.
enum ByteText {
    /// "812 bytes", "3.4 MB", "12 GB": powers of 1000.
    static func text(_ bytes: Int) -> String { text(Double(bytes)) }

    static func text(_ bytes: Double) -> String {
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
