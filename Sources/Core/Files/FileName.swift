import Foundation

/// File names as the system has them: bytes, which need not be UTF-8.
///
///     let text = FileName.text([0x63, 0x61, 0x66, 0xE9])      // "café" in Latin 1
///     FileName.bytes(text)                                    // the same four bytes
///     FileName.printable(text)                                // "caf\xE9"
///
/// A Swift string cannot hold bytes that are not UTF-8, so each of them stands in a path as a scalar of its own from the
/// private range U+10FE80 ... U+10FEFF, and is turned back whenever the file is opened. A name that holds such a scalar
/// itself has its bytes replaced in the same way, so that every name comes back as it was.
public enum FileName {
    private static let base: UInt32 = 0x10FE00

    /// The string that stands for the bytes of a name or path.
    public static func text(_ bytes: some Collection<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains(where: isEscape) {
            return text
        }
        var scalars = String.UnicodeScalarView()
        var rest = Array(bytes)[...]
        while let first = rest.first {
            // The longest scalar that begins here; a byte that begins none stands alone.
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            let character = String(validating: rest.prefix(length), as: UTF8.self)?.unicodeScalars
            if let scalar = character?.first, character?.count == 1, !isEscape(scalar) {
                scalars.append(scalar)
                rest = rest.dropFirst(length)
            } else {
                scalars.append(Unicode.Scalar(base + UInt32(first))!)
                rest = rest.dropFirst()
            }
        }
        return String(scalars)
    }

    /// The bytes of a name or path, as system calls take them.
    public static func bytes(_ text: String) -> [UInt8] {
        guard text.unicodeScalars.contains(where: isEscape) else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if isEscape(scalar) {
                bytes.append(UInt8(scalar.value - base))
            } else {
                bytes += Array(String(scalar).utf8)
            }
        }
        return bytes
    }

    /// Whether the name is UTF-8, so that the string's own UTF-8 is the name.
    public static func isText(_ text: String) -> Bool { !text.unicodeScalars.contains(where: isEscape) }

    /// The name as a terminal and a report can show it: `PrintableText.escaped`.
    public static func printable(_ text: String) -> String { PrintableText.escaped(text) }

    /// Calls `body` with the path's bytes, terminated by a NUL.
    public static func withPath<Result>(_ text: String, _ body: (UnsafePointer<CChar>) throws -> Result) rethrows
        -> Result
    {
        try (bytes(text) + [0]).withUnsafeBufferPointer { buffer in
            try buffer.withMemoryRebound(to: CChar.self) { try body($0.baseAddress!) }
        }
    }

    /// Whether the first name comes before the second in the order of their bytes.
    public static func precedes(_ first: String, _ second: String) -> Bool {
        if isText(first), isText(second) { return first.utf8.lexicographicallyPrecedes(second.utf8) }
        return bytes(first).lexicographicallyPrecedes(bytes(second))
    }

    /// Whether a scalar stands for a byte.
    static func isEscape(_ scalar: Unicode.Scalar) -> Bool {
        (base + 0x80...base + 0xFF).contains(scalar.value)
    }
}
