/// The names of files that are being written. By them a run finds what a killed process has left.
///
///     HalfWritten.isName(".lloyd-partial-4fT0qZk2mWx9")      // true
package enum HalfWritten {
    private static let mark = ".lloyd-partial-"
    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    private static let count = 12

    /// An unpredictable name. It does not depend on the final name, which may already have the greatest length allowed.
    static func newName() -> String {
        mark + String(decoding: (0..<count).map { _ in letters.randomElement()! }, as: UTF8.self)
    }

    /// The two forms of such names.
    package enum Form: Equatable, Sendable {
        /// Made by `OutputFile`; it does not tell the final name.
        case hidden
        /// Made by an earlier version: the final name (`whole`) and a mark.
        case marked(whole: String)
    }

    /// Whether a file of this name was being written, by `OutputFile` or by an earlier version.
    package static func isName(_ name: String) -> Bool { form(of: name) != nil }

    /// The form of a half-written file's name; nil for any other name.
    package static func form(of name: String) -> Form? {
        func isRandom(_ text: Substring, _ count: Int) -> Bool {
            text.utf8.count == count && text.utf8.allSatisfy(letters.contains)
        }
        if name.hasPrefix(mark) { return isRandom(name.dropFirst(mark.count), count) ? .hidden : nil }
        guard let earlier = name.range(of: ".partial-", options: .backwards), earlier.lowerBound > name.startIndex,
            isRandom(name[earlier.upperBound...], 6)
        else { return nil }
        return .marked(whole: String(name[..<earlier.lowerBound]))
    }
}
