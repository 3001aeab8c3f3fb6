import Datasets
import Foundation

/// The system calls behind a run folder: none follows a link, each failure is an error that names the path.
///
///     let files = try RunFiles.files(of: marker, in: "runs/faces")        // ["config.yaml", "metrics.csv" ...]
///     for file in files { try RunFiles.remove("runs/faces/" + file) }
enum RunFiles {
    /// What the kind of an entry is, when links are not followed.
    enum Kind { case none, file, folder, link, other }

    static func kind(_ path: String) throws -> Kind {
        var state = stat()
        guard lstat(path, &state) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .none }
            throw failure(path, "cannot be examined", errno)
        }
        switch state.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// The names in a folder, sorted; `[]` if there is no such folder.
    static func entries(_ folder: String) throws -> [String] {
        guard let handle = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw failure(folder, "cannot be listed", errno)
        }
        defer { closedir(handle) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            // A name that is not UTF-8 is none of Lloyd's: the file counts, and stays.
            if let name { if name != ".", name != ".." { names.append(name) } } else { names.append("\u{FFFD}") }
            errno = 0
        }
        guard errno == 0 else { throw failure(folder, "cannot be listed", errno) }
        return names.sorted()
    }

    /// The regular files in a folder that a marker lists, by relative path.
    ///
    /// Only folders that the marker's names lie in are entered; links lead nowhere.
    /// - Parameter halfWritten: whether files are meant that a killed process was about to give such a name.
    static func files(of marker: RunMarker, in folder: String, halfWritten: Bool = false) throws -> [String] {
        let folders = marker.folders
        var found: [String] = []
        func walk(_ relative: String) throws {
            for name in try entries(relative.isEmpty ? folder : folder + "/" + relative) {
                let path = relative.isEmpty ? name : relative + "/" + name
                switch try kind(folder + "/" + path) {
                case .folder where folders.contains(RunMarker.pattern(path)): try walk(path)
                case .file where halfWritten ? isHalfWritten(path, marker) : marker.lists(path): found.append(path)
                default: break
                }
            }
        }
        if try kind(folder) != .none { try walk("") }
        return found
    }

    /// Whether a file has the temporary name of one that the marker lists.
    private static func isHalfWritten(_ path: String, _ marker: RunMarker) -> Bool {
        let name = (path as NSString).lastPathComponent
        guard case .marked(let last)? = HalfWritten.form(of: name) else { return HalfWritten.isName(name) }
        let whole = String(path.dropLast(name.count)) + last
        return marker.lists(whole) || whole == RunMarker.fileName
    }

    // MARK: Changes

    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(path, "cannot be removed", errno) }
    }

    static func move(_ from: String, _ to: String) throws {
        try makeFolder(FileName.parent(of: to))
        guard rename(from, to) == 0 else { throw failure(from, "cannot be renamed to \(to)", errno) }
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o777) != 0 else { return sync(folder: FileName.parent(of: path)) }
        if errno == EEXIST {
            var state = stat()
            guard stat(path, &state) == 0, state.st_mode & S_IFMT == S_IFDIR else {
                throw failure(path, "cannot be used as a folder", ENOTDIR)
            }
            return
        }
        let parent = FileName.parent(of: path)
        guard errno == ENOENT, parent != path, !parent.isEmpty else { throw failure(path, "cannot be made", errno) }
        try makeFolder(parent)
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path, "cannot be made", errno) }
        sync(folder: parent)
    }

    /// Removes those of the folders of a marker's names that are empty, innermost first.
    static func removeEmptyFolders(of marker: RunMarker, in folder: String) {
        for name in marker.folders.sorted(by: { $0.count > $1.count }) where !name.isEmpty {
            // `#` never stands in a real folder's name alone; one with a number stays, which does no harm.
            rmdir(folder + "/" + name)
        }
    }

    /// New names in a folder are safe on disk once it is synced; some file systems cannot, and need not.
    static func sync(folder: String) {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    /// The bytes of a regular file.
    static func read(_ path: String) throws -> Data {
        var bytes = Data()
        try scan(path) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Reads a regular file and keeps nothing of it.
    /// - Throws: `LloydError.file` if the system does not give all of it.
    static func probe(_ path: String) throws { try scan(path) { _ in } }

    private static func scan(_ path: String, _ take: (UnsafeRawBufferPointer) -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var state = stat()
        guard fstat(descriptor, &state) == 0 else { throw failure(path, "cannot be examined", errno) }
        guard state.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "is not a regular file", state.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = buffer.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress!, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "cannot be read", errno) }
            guard count > 0 else { return }
            buffer.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    // MARK: An earlier run, moved aside

    /// The next free name for an earlier run inside `folder`.
    static func freeAside(in folder: String) throws -> String {
        var number = 1
        while try kind(folder + "/.replaced-\(number)") != .none { number += 1 }
        return ".replaced-\(number)"
    }

    static func isAside(_ name: String) -> Bool { isNumbered(name, ".replaced-") }
    static func isDiscarded(_ name: String) -> Bool { isNumbered(name, ".discarded-") }

    private static func isNumbered(_ name: String, _ prefix: String) -> Bool {
        name.hasPrefix(prefix) && !name.dropFirst(prefix.count).isEmpty
            && name.dropFirst(prefix.count).utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    static func failure(_ path: String, _ problem: String, _ code: Int32) -> LloydError {
        let remedy =
            switch code {
            case ENOENT, ENOTDIR: "check the path, and choose another with --run if a file is in its way"
            case EACCES, EPERM, EROFS: "check the permissions of the folder, or choose another with --run"
            case ENOSPC, EDQUOT: "free some space, and continue with --resume"
            case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
            case EIO, ESTALE: "check the file system, and try again once it answers; nothing was removed"
            default: "check the folder and its file system"
            }
        return .file(path: path, problem: "\(problem) (\(String(cString: strerror(code))))", remedy: remedy)
    }
}
