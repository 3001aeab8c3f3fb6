import Foundation

/// Patterns of several paths, as in shells: `a-{000..012}.tar`, `{train,more}/x.tar`.
public enum BracePattern {
    /// The most paths that a pattern stands for.
    static let most = 1 << 20

    /// The paths that a pattern stands for; only itself if it has no braces, or if there is a file of this very name.
    /// - Throws: `LloydError` for braces that are not closed, or an impossible range.
    public static func expand(_ pattern: String) throws -> [String] {
        guard pattern.contains("{"), FileName.withPath(pattern, { access($0, F_OK) }) != 0 else { return [pattern] }
        func fault(_ problem: String) -> LloydError {
            LloydError(
                path: pattern, problem: problem,
                remedy: "write ranges like shards-{000..012}.tar or lists like {a,b}.tar")
        }
        var results = [""]
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { throw fault("has a brace that is not closed") }
            let inner = rest[rest.index(after: open)..<close]
            guard !inner.contains("{") else { throw fault("has braces within braces") }
            guard let choices = choices(inner) else { throw fault("has braces with neither a range nor a list") }
            guard choices.count <= most, results.count * choices.count <= most else {
                throw fault("stands for more than \(most) files")
            }
            let before = rest[..<open]
            results = results.flatMap { start in choices.map { start + before + $0 } }
            rest = rest[rest.index(after: close)...]
        }
        return results.map { $0 + rest }
    }

    /// Numbers of a range, with its zeros in front, or the elements of a list.
    private static func choices(_ text: Substring) -> [String]? {
        if let dots = text.range(of: "..") {
            let (first, last) = (text[..<dots.lowerBound], text[dots.upperBound...])
            guard let low = number(first), let high = number(last), low <= high else { return nil }
            guard high - low < most else { return Array(repeating: "", count: most + 1) }
            let isPadded = first.hasPrefix("0") || last.hasPrefix("0")
            let width = isPadded ? max(first.count, last.count) : 0
            return (low...high).map {
                let digits = String($0)
                return String(repeating: "0", count: max(0, width - digits.count)) + digits
            }
        }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return parts.count > 1 ? parts : nil
    }

    private static func number(_ text: Substring) -> Int? {
        !text.isEmpty && text.count <= 18 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
