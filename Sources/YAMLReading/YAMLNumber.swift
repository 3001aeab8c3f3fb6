import Foundation

/// Numbers in configs that YAML 1.1 and YAML 1.2 read alike. Others are refused with the reason.
///
///     YAMLNumber.integer("0x5eed")                           // 24301
///     YAMLNumber.integer("010")                              // nil: 8 in YAML 1.1, 10 in YAML 1.2
///     YAMLNumber.objection("1:30")                           // it counts in sixties in YAML 1.1 and is a text in YAML 1.2
public enum YAMLNumber {
    /// An integer, in decimal digits or as `0x...`; nil if the text is not one.
    public static func integer(_ text: String) -> Int? {
        guard objection(text) == nil else { return nil }
        let (sign, digits) = split(text)
        if digits.hasPrefix("0x") { return Int(sign + digits.dropFirst(2), radix: 16) }
        guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else { return nil }
        return Int(sign + digits)
    }

    /// A finite number, with or without a point or an exponent (`3`, `.5`, `-1.`, `1e-7`); nil if the text is not one.
    public static func real(_ text: String) -> Double? {
        guard objection(text) == nil else { return nil }
        let (sign, digits) = split(text)
        let parts = digits.lowercased().split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard mantissa.allSatisfy({ $0.utf8.allSatisfy(isDigit) }), mantissa.contains(where: { !$0.isEmpty }) else {
            return nil
        }
        if parts.count == 2 {
            let exponent = split(String(parts[1])).digits
            guard !exponent.isEmpty, exponent.utf8.allSatisfy(isDigit) else { return nil }
        }
        return Double(sign + digits).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Why a text that looks like a number is not read as one; nil for any other text.
    public static func objection(_ text: String) -> String? {
        let digits = split(text).digits.lowercased()
        guard let first = digits.utf8.first, isDigit(first) else { return nil }
        let rest = digits.dropFirst()
        if first == UInt8(ascii: "0"), let next = rest.utf8.first, isDigit(next) || next == UInt8(ascii: "_") {
            return "`\(text)` with a leading 0 is octal in YAML 1.1 and decimal in YAML 1.2: write it without the 0"
        }
        if digits.hasPrefix("0o") || digits.hasPrefix("0b") {
            return "`\(text)` is a number in one version of YAML and a text in another: write it in decimal digits"
        }
        if digits.contains("_") {
            return "`\(text)` is a number in YAML 1.1 and a text in YAML 1.2: write it without `_`"
        }
        if digits.contains(":") {
            return "`\(text)` counts in sixties in YAML 1.1 and is a text in YAML 1.2: write it in decimal digits"
        }
        return nil
    }

    private static func split(_ text: String) -> (sign: String, digits: String) {
        if text.hasPrefix("-") { return ("-", String(text.dropFirst())) }
        return ("", text.hasPrefix("+") ? String(text.dropFirst()) : text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
