extension FileName {
    /// The path without its last name: the folder that the file is in.
    ///
    ///     FileName.parent(of: "runs/faces")                       // "runs"
    ///     FileName.parent(of: "/runs")                            // "/"
    ///     FileName.parent(of: "faces")                            // "": the current folder
    ///
    /// Foundation's `deletingLastPathComponent` ends the program for a name of one character (Swift 6.3 on Linux).
    public static func parent(of path: String) -> String {
        let slash = UInt8(ascii: "/")
        var rest = path.utf8[...]
        func dropSlashes() { while rest.count > 1, rest.last == slash { rest.removeLast() } }
        dropSlashes()
        guard let last = rest.lastIndex(of: slash) else { return "" }
        rest = rest[..<last]
        dropSlashes()
        return rest.isEmpty ? "/" : String(Substring(rest))
    }
}
