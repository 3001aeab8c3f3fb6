import Foundation

/// Numbers as people print them: a real minus sign, commas between thousands, a dash for what is not a number.
package enum NumberText {
    /// What stands for a number that is not there.
    package static let missing = "–"

    /// A fixed number of decimals.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? missing : value > 0 ? "∞" : "−∞" }
        let digits = String(format: "%.\(max(0, min(15, decimals)))f", abs(value))
        let negative = value < 0 && digits.contains { $0 != "0" && $0 != "." }
        let parts = digits.split(separator: ".", maxSplits: 1)
        var grouped = ""
        for (index, digit) in parts[0].enumerated() {
            // Four digits read well without a comma.
            if index > 0 && parts[0].count > 4 && (parts[0].count - index) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return (negative ? "−" : "") + grouped + (parts.count > 1 ? "." + parts[1] : "")
    }

    /// A whole number with a real minus sign.
    package static func integer(_ value: Int) -> String { value < 0 ? "−\(value.magnitude)" : "\(value)" }

    /// About four significant digits, no trailing zeros, powers of ten for the very large and small.
    package static func short(_ value: Double, significant: Int = 4) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, decimals: 0) }
        let exponent = Int(floor(log10(abs(value)) + 1e-12))
        if exponent >= 7 || exponent < -4 {
            let mantissa = value / pow(10, Double(exponent))
            return trimmed(fixed(mantissa, decimals: significant - 1)) + "e" + integer(exponent)
        }
        return trimmed(fixed(value, decimals: max(0, significant - 1 - exponent)))
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var kept = text
        while kept.hasSuffix("0") { kept.removeLast() }
        if kept.hasSuffix(".") { kept.removeLast() }
        return kept
    }
}
