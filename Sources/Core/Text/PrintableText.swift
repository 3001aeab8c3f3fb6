/// Text that may hold anything, such as the name of a file, made safe for a terminal or a log.
///
///     PrintableText.escaped("a\u{1B}[31m\n.png")             // a\x1B[31m\n.png, all of it visible
///     PrintableText.escaped(FileName.text([0x61, 0xFF]))     // a\xFF: bytes that are not UTF-8
public enum PrintableText {
    /// `text` with its control characters, line separators and marks of direction escaped, scalar by scalar, and so the
    /// bytes of names that are not UTF-8 (see `FileName`): \n, \r, \t, \xHH, \u{H}.
    ///
    /// - Parameter keeping: control characters that stay as they are.
    public static func escaped(_ text: String, keeping: String = "") -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if !isHidden(scalar) || keeping.unicodeScalars.contains(scalar) {
                result.append(scalar)
            } else {
                result.append(contentsOf: escape(scalar).unicodeScalars)
            }
        }
        return String(result)
    }

    /// Controls (C0, DEL, C1), line and paragraph separators, and marks that turn the direction of text around.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if FileName.isEscape(scalar) { return true }
        return switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        // A byte of a name that is not UTF-8.
        if FileName.isEscape(scalar) { return hexadecimal(FileName.bytes(String(scalar))[0]) }
        return switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default:
            scalar.value < 0x100 ? hexadecimal(UInt8(scalar.value)) : "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
}
