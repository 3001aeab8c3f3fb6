import Foundation

/// The content of a folder, with names of any bytes. An entry that cannot be examined is an error, not left out.
///
///     for entry in try FolderListing.entries(of: "photos") { print(FileName.printable(entry.name)) }
public struct FolderListing {
    /// A file, a folder or anything else in a folder; links are followed.
    public struct Entry: Sendable {
        /// The name within the folder (see `FileName`).
        public let name: String
        /// Whether it is a folder, or a link to one.
        public let isFolder: Bool
        /// Whether it is neither a file nor a folder: a pipe, socket or device.
        public let isSpecial: Bool
    }

    /// Files below a folder, by the bytes of their relative paths.
    let files: [String]

    /// The files below a folder and the folders within it that have one of these extensions, in upper or lower case.
    ///
    /// Hidden files and folders are left out. Links are followed; one that leads to a folder it lies in is not.
    /// - Throws: `LloydError` for a folder that cannot be listed and for an entry that cannot be examined.
    init(path: String, extensions: Set<String>) throws {
        var files: [String] = []
        try Self.collect(path, relative: "", extensions: extensions, above: [], into: &files)
        self.files = files.sorted(by: FileName.precedes)
    }

    /// The relative paths of all files below a folder and the folders within it, except hidden ones, in the order of their
    /// bytes.
    /// - Throws: `LloydError` for a folder that cannot be listed and for an entry that cannot be examined.
    public static func files(below path: String) throws -> [String] {
        var files: [String] = []
        try collect(path, relative: "", extensions: nil, above: [], into: &files)
        return files.sorted(by: FileName.precedes)
    }

    /// The entries of a folder except hidden ones, in the order of their names' bytes.
    ///
    /// - Throws: `LloydError` for a folder that cannot be listed, and for an entry that cannot be examined: a link to
    ///   nothing, or a file system that does not answer.
    public static func entries(of path: String) throws -> [Entry] { try list(path).entries }

    /// Whether there is a folder at a path, or a link to one.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return FileName.withPath(path) { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private struct Identity: Hashable {
        let device: UInt64
        let number: UInt64
    }

    private static func list(_ path: String) throws -> (entries: [Entry], identity: Identity) {
        guard let folder = FileName.withPath(path, { opendir($0) }) else {
            let code = errno
            if code == ENOENT {
                throw LloydError(path: path, problem: "does not exist", remedy: "check the path of the folder")
            }
            if code == ENOTDIR {
                throw LloydError(
                    path: path, problem: "is a file, not a folder", remedy: "name the folder that holds the images")
            }
            throw OpenFile.error(path, "cannot be listed", code)
        }
        defer { closedir(folder) }
        var status = stat()
        guard fstat(dirfd(folder), &status) == 0 else { throw OpenFile.error(path, "cannot be examined", errno) }
        let identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        var entries: [Entry] = []
        errno = 0
        while let found = readdir(folder) {
            let name = withUnsafePointer(to: &found.pointee.d_name) {
                $0.withMemoryRebound(to: UInt8.self, capacity: 256) {
                    FileName.text(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            if !name.hasPrefix("."), let entry = try examine(name, in: folder, path) { entries.append(entry) }
            errno = 0
        }
        guard errno == 0 else { throw OpenFile.error(path, "cannot be listed", errno) }
        return (entries.sorted { FileName.precedes($0.name, $1.name) }, identity)
    }

    /// - Returns: nil for a file that has gone since the folder was listed.
    private static func examine(_ name: String, in folder: OpaquePointer, _ path: String) throws -> Entry? {
        try FileName.withPath(name) { bytes in
            var status = stat()
            guard fstatat(dirfd(folder), bytes, &status, 0) == 0 else {
                let code = errno
                var link = stat()
                if code == ENOENT, fstatat(dirfd(folder), bytes, &link, AT_SYMLINK_NOFOLLOW) != 0, errno == ENOENT {
                    return nil
                }
                guard code != ENOENT, code != ELOOP else {
                    throw LloydError(
                        path: path + "/" + name, problem: "is a link to nothing",
                        remedy: "mount or restore its target, or remove the link", kind: .unavailable)
                }
                throw OpenFile.error(path + "/" + name, "cannot be examined", code)
            }
            let kind = status.st_mode & S_IFMT
            return Entry(name: name, isFolder: kind == S_IFDIR, isSpecial: kind != S_IFDIR && kind != S_IFREG)
        }
    }

    /// `above` holds the folders on the way here, so that a link to one of them is not followed forever.
    private static func collect(
        _ root: String, relative: String, extensions: Set<String>?, above: Set<Identity>, into files: inout [String]
    ) throws {
        let (entries, identity) = try list(relative.isEmpty ? root : root + "/" + relative)
        guard !above.contains(identity) else { return }
        for entry in entries {
            let child = relative.isEmpty ? entry.name : relative + "/" + entry.name
            if entry.isFolder {
                try collect(
                    root, relative: child, extensions: extensions, above: above.union([identity]), into: &files)
            } else if extensions?.contains(PathName.suffix(entry.name)) ?? true {
                files.append(child)
            }
        }
    }
}

/// Parts of paths, whose names need not be text that Foundation would take.
enum PathName {
    /// The part behind the last dot of the last component, in small letters; empty where there is none.
    static func suffix(_ path: String) -> String {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? ""[...].utf8
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return "" }
        return String(Substring(name[name.index(after: dot)...])).lowercased()
    }
}
