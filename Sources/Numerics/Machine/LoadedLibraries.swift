import Foundation

/// The shared libraries that this process has mapped, such as the BLAS that was found among several installed ones.
///
///     let libraries = LoadedLibraries()
///     libraries.paths(containing: ["lapack", "blas", "mkl", "blis"])      // real paths, links followed
///     // ["/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so", ...]
///
/// Source: /proc/self/maps of Linux; empty elsewhere.
public struct LoadedLibraries: Sendable {
    /// Real paths of all mapped shared libraries, sorted.
    public let paths: [String]

    /// The libraries that are mapped now.
    public init() {
        let handle = FileHandle(forReadingAtPath: "/proc/self/maps")
        let bytes = (try? handle?.readToEnd()).flatMap { $0 } ?? Data()
        self.init(maps: String(decoding: bytes, as: UTF8.self))
    }

    init(maps: String) {
        var found: Set<String> = []
        for line in maps.split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let path = String(line[slash...])
            let name = (path as NSString).lastPathComponent
            if name.hasSuffix(".so") || name.contains(".so.") { found.insert(path) }
        }
        paths = found.sorted()
    }

    /// Paths whose file or folder name contains one of these words, given in lower case.
    public func paths(containing words: [String]) -> [String] {
        paths.filter { path in
            let name = path.split(separator: "/").suffix(2).joined(separator: "/").lowercased()
            return words.contains { name.contains($0) }
        }
    }
}
