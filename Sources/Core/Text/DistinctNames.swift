/// Names for many things of which no two may be equal.
///
///     DistinctNames.choose(3, forms: [{ stems[$0] }, { files[$0] }])
///     // of a.png, a.jpg and b.png: "a.png", "a.jpg", "b"
public enum DistinctNames {
    /// Gives each of `count` things the first of its forms that no other thing has in that form; to those that are equal in
    /// all forms, the last one with a number.
    public static func choose(_ count: Int, forms: [(Int) -> String]) -> [String] {
        var names = [String?](repeating: nil, count: count)
        var used: Set<String> = []
        for form in forms {
            let open = names.indices.filter { names[$0] == nil }
            if open.isEmpty { break }
            let candidates = open.map(form)
            let counts = candidates.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            // A name that was taken by an earlier form is not free.
            for (index, name) in zip(open, candidates) where counts[name] == 1 && !used.contains(name) {
                names[index] = name
            }
            used.formUnion(zip(open, candidates).filter { names[$0.0] != nil }.map(\.1))
        }
        return names.indices.map { index in
            if let name = names[index] { return name }
            let base = forms.last!(index)
            var (name, number) = (base, 1)
            while !used.insert(name).inserted {
                number += 1
                name = "\(base)-\(number)"
            }
            return name
        }
    }
}
