import Foundation

/// What the path of an output leads to, once its links are followed.
enum OutputTarget {
    /// A descriptor that this process has inherited: /dev/stdout, /dev/fd/3.
    case descriptor(Int32)
    /// A device, a pipe or a socket.
    case stream(String)
    /// A regular file that exists (with its state) or is to be made.
    case regular(folder: String, name: String, existing: stat?)

    /// - Throws: `LloydError` for an empty path, a folder, or links that lead in a circle.
    init(_ path: String) throws {
        guard !path.isEmpty else { throw OutputFile.emptyName }
        var current = path
        // As many links as the kernel follows.
        for _ in 0..<40 {
            if let number = Self.descriptor(current) {
                self = .descriptor(number)
                return
            }
            guard !current.hasSuffix("/") else { throw Self.isFolder(path) }
            var state = stat()
            guard lstat(current, &state) == 0 else {
                guard errno == ENOENT else { throw LloydError.system(path, cannot: "be created", code: errno) }
                self = .regular(folder: Self.folder(of: current), name: Self.name(of: current), existing: nil)
                return
            }
            switch state.st_mode & S_IFMT {
            case S_IFLNK:
                guard let target = Self.target(ofLink: current) else {
                    throw LloydError.system(path, cannot: "be written", code: errno)
                }
                current = target.hasPrefix("/") ? target : Self.folder(of: current) + "/" + target
                continue
            case S_IFDIR: throw Self.isFolder(path)
            case S_IFREG:
                self = .regular(folder: Self.folder(of: current), name: Self.name(of: current), existing: state)
            default: self = .stream(current)
            }
            return
        }
        throw LloydError.system(path, cannot: "be written", code: ELOOP)
    }

    /// The number of a path such as /dev/fd/3 or /proc/self/fd/3, whose links cannot be followed by their text.
    private static func descriptor(_ path: String) -> Int32? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
        guard path.hasPrefix("/"), parts.count >= 3, let number = parts.last.flatMap({ Int32($0) }), number >= 0 else {
            return nil
        }
        switch parts.dropLast() {
        case ["dev", "fd"], ["proc", "self", "fd"], ["proc", "thread-self", "fd"], ["proc", "\(getpid())"[...], "fd"]:
            return fcntl(number, F_GETFD) >= 0 ? number : nil
        default: return nil
        }
    }

    private static func isFolder(_ path: String) -> LloydError {
        LloydError(
            .output, at: path, problem: "a folder has the name of the file",
            remedy: "move it away, or choose another name")
    }

    private static func target(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = buffer.withUnsafeMutableBytes { bytes in
            readlink(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// "." for a bare name, "/" for what lies at the root.
    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        let folder = String(path[..<slash])
        return folder.isEmpty ? "/" : folder
    }

    private static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }
}
