import Foundation

/// The names of files that are being written, and their removal after a process was killed.
///
///     HalfWritten.isName(".lloyd-partial-4fT0qZk2mWx9")      // true
///     try HalfWritten.remove(below: "runs/faces/codebooks")
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

    /// Removes what killed processes left half written in a folder and the folders within it: regular files only.
    ///
    /// - Throws: `LloydError` if a file cannot be removed.
    public static func remove(below folder: String) throws {
        for case let file as String in FileManager.default.enumerator(atPath: folder) ?? .init()
        where isName((file as NSString).lastPathComponent) {
            let path = folder + "/" + file
            var information = stat()
            guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { continue }
            guard unlink(path) == 0 || errno == ENOENT else {
                throw LloydError.system(path, cannot: "be removed", code: errno)
            }
        }
    }
}

extension OutputFile {
    /// Removes what killed processes left half written; `HalfWritten.remove` under its earlier name.
    public static func removeHalfWritten(below folder: String) throws { try HalfWritten.remove(below: folder) }
}
