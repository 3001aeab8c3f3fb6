/// The names of files that are being written, by which a run finds what a killed process has left of them.
///
///     HalfWritten.isName(".lloyd-partial-4fT0qZk2mWx9")      // true
public enum HalfWritten {
    private static let mark = ".lloyd-partial-"
    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    private static let count = 12

    /// A name that nobody can foresee; it does not depend on the final name, which may be of the greatest length.
    static func newName() -> String {
        mark + String(decoding: (0..<count).map { _ in letters.randomElement()! }, as: UTF8.self)
    }

    /// Whether `OutputFile` gives such names to files that are not whole yet, or an earlier version did.
    public static func isName(_ name: String) -> Bool {
        func isRandom(_ text: Substring, _ count: Int) -> Bool {
            text.utf8.count == count && text.utf8.allSatisfy(letters.contains)
        }
        if name.hasPrefix(mark) { return isRandom(name.dropFirst(mark.count), count) }
        guard let earlier = name.range(of: ".partial-", options: .backwards) else { return false }
        return earlier.lowerBound > name.startIndex && isRandom(name[earlier.upperBound...], 6)
    }
}
