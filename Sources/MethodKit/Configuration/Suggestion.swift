/// The name that somebody may have meant.
///
///     Suggestion.among(["rrq.layers", "seed"], for: "rrq.layer")     // "rrq.layers"
public enum Suggestion {
    /// The name most like `text`; nil if none is like it.
    public static func among(_ names: [String], for text: String) -> String? {
        let scored = names.map { ($0, editDistance(text, $0)) }
        guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(3, text.count / 3) else { return nil }
        return best.0
    }

    /// Insertions, deletions and replacements that turn one text into the other (Levenshtein 1966).
    public static func editDistance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first), Array(second))
        var row = Array(0...b.count)
        for i in 1..<a.count + 1 {
            var diagonal = row[0]
            row[0] = i
            for j in 1..<b.count + 1 {
                let above = row[j]
                row[j] = min(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
