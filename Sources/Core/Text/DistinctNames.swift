/// Short names for several things, no two of them equal.
///
///     DistinctNames.choose(3, forms: [{ stems[$0] }, { files[$0] }])
///     // of a.png, a.jpg and b.png: "a.png", "a.jpg", "b"
public enum DistinctNames {
    /// Gives each of `count` things the first of its forms that no other thing shares. Things that are equal in all forms
    /// get the last form with a number.
    /// - Parameter forms: from the shortest to the most explicit; each gives the name of a thing by its index.
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
