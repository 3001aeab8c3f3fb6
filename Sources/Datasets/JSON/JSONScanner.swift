import Core
import Foundation

/// Checks that a text is JSON, without building anything, and says where and why it is not.
///
///     var scanner = JSONScanner(bytes)
///     try scanner.scan()                                       // may throw Fault(line: 3, key: "results.bpp[2]")
///
/// Time and memory are linear in the text: the stack holds the keys of open objects only.
struct JSONScanner {
    struct Fault: Error {
        var line: Int
        /// Where in the value, such as `results.bpp[2]`; empty at the top.
        var key: String
        var problem: String
        var remedy = "correct the line that is named"
    }

    /// An open list or object.
    private struct Level {
        let isObject: Bool
        /// The keys of an object so far.
        var keys: Set<[UInt8]> = []
        var key: [UInt8] = []
        /// Elements before the one that is read.
        var index = 0
    }

    private let bytes: [UInt8]
    private let depthLimit: Int
    private let nullsNonFinite: Bool
    private var at = 0
    private var levels: [Level] = []
    /// The NaN and Infinity that are to be read as null.
    private(set) var replaced: [Range<Int>] = []

    init(_ bytes: [UInt8], depthLimit: Int = JSONFile.depthLimit, nullsNonFinite: Bool = false) {
        self.bytes = bytes
        self.depthLimit = depthLimit
        self.nullsNonFinite = nullsNonFinite
    }

    mutating func scan() throws(Fault) {
        try value()
        while let level = levels.last { try step(level.isObject) }
        skipBlanks()
        guard at == bytes.count else { throw fault("there is text behind the end of the JSON") }
    }

    /// Reads one value, or the opening of a list or an object.
    private mutating func value() throws(Fault) {
        skipBlanks()
        guard at < bytes.count else { throw fault("the text ends too early", remedy: "copy the file again") }
        switch bytes[at] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard levels.count < depthLimit else { throw fault("lists and objects lie more than \(depthLimit) deep") }
            levels.append(Level(isObject: bytes[at] == UInt8(ascii: "{")))
            at += 1
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: try word()
        }
    }

    /// Reads on in the innermost list or object: a further element, or its end.
    private mutating func step(_ isObject: Bool) throws(Fault) {
        let last = levels.count - 1
        skipBlanks()
        let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        if take(close) {
            levels.removeLast()
            if !levels.isEmpty { levels[levels.count - 1].index += 1 }
            return
        }
        if levels[last].index > 0 {
            guard take(UInt8(ascii: ",")) else {
                throw fault(at < bytes.count ? "a comma is missing" : "the text ends too early")
            }
            skipBlanks()
            guard at < bytes.count, bytes[at] != close else {
                throw fault("there is a comma before the end of a list or object", remedy: "remove the comma")
            }
        }
        if isObject {
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                throw fault("expected a key in quotation marks")
            }
            let key = try string()
            levels[last].key = key
            guard levels[last].keys.insert(key).inserted else {
                throw fault("the key appears twice in its object", remedy: "remove one of the two")
            }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw fault("a colon is missing behind the key") }
        }
        let depth = levels.count
        try value()
        if levels.count == depth { levels[last].index += 1 }
    }

    // MARK: Tokens

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
            at += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// The content of a string, with its escapes resolved, so that keys can be compared.
    private mutating func string() throws(Fault) -> [UInt8] {
        let start = at + 1
        at = start
        var isEscaped = false
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            guard bytes[at] >= 0x20 else { throw fault("a string holds a line end or another control character") }
            if bytes[at] == UInt8(ascii: "\\") {
                isEscaped = true
                at += 1
            }
            at += 1
        }
        guard at < bytes.count else { throw fault("a string has no end", remedy: "copy the file again") }
        let content = Array(bytes[start..<at])
        at += 1
        guard String(validating: content, as: UTF8.self) != nil else {
            throw fault("a string is not UTF-8", remedy: "save the file as UTF-8")
        }
        guard isEscaped else { return content }
        guard let text = try? JSONDecoder().decode(String.self, from: Data(bytes[start - 1..<at])) else {
            throw fault("a string holds an escape that JSON does not have")
        }
        return Array(text.utf8)
    }

    private mutating func number() throws(Fault) {
        let start = at
        _ = take(UInt8(ascii: "-"))
        if at < bytes.count, bytes[at] == UInt8(ascii: "I") {
            at = start
            return try word()
        }
        func digits() -> Int {
            let first = at
            while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
            return at - first
        }
        let isZero = at < bytes.count && bytes[at] == UInt8(ascii: "0")
        let whole = digits()
        var isNumber = whole > 0 && !(isZero && whole > 1)
        var isLong = whole > 300
        if take(UInt8(ascii: ".")) { isNumber = digits() > 0 && isNumber }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            let exponent = digits()
            isNumber = exponent > 0 && isNumber
            isLong = isLong || exponent > 2
        }
        let text = String(decoding: bytes[start..<min(at, start + 400)], as: UTF8.self)
        guard isNumber else { throw fault("“\(text.prefix(40))” is not a number as JSON has them") }
        guard isLong else { return }
        guard at - start < 400, let number = Double(text), number.isFinite else {
            throw fault("“\(text.prefix(40))” is beyond what 64-bit floats hold")
        }
    }

    private mutating func word() throws(Fault) {
        let start = at
        _ = take(UInt8(ascii: "-"))
        while at < bytes.count, isLetter(bytes[at]) { at += 1 }
        let word = String(decoding: bytes[start..<min(at, start + 40)], as: UTF8.self)
        if ["true", "false", "null"].contains(word) { return }
        let bare = word.lowercased().drop { $0 == "-" }
        guard ["nan", "infinity", "inf"].contains(bare) else {
            let shown = word.isEmpty ? "“\(Self.printable(bytes[start]))”" : "“\(word)”"
            throw fault("\(shown) is not a value")
        }
        guard nullsNonFinite else {
            throw fault(
                "\(word) is not JSON, though Python's json module writes it",
                remedy: "write null or a number there, or leave the item out")
        }
        replaced.append(start..<at)
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func printable(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte) ? String(UnicodeScalar(byte)) : "byte \(byte)"
    }

    // MARK: Where

    private func fault(_ problem: String, remedy: String = "correct the line that is named") -> Fault {
        let line = 1 + bytes[..<min(at, bytes.count)].count { $0 == 0x0A }
        let path = levels.map { level -> (Int?, String) in
            level.isObject ? (nil, String(decoding: level.key, as: UTF8.self)) : (level.index, "")
        }
        return Fault(line: line, key: Self.name(path), problem: problem, remedy: remedy)
    }

    /// `results.bpp[2]`.
    static func name(_ path: [(index: Int?, key: String)]) -> String {
        var name = ""
        for part in path {
            if let index = part.index {
                name += "[\(index)]"
            } else {
                name += (name.isEmpty ? "" : ".") + part.key.prefix(60)
            }
        }
        return name
    }
}
