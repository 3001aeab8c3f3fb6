import Foundation

/// The only writer of outputs: every file that the program leaves for its user is written here.
///
///     try OutputFile.check("face.png", against: ["face.lloyd"])   // before the work: can it be written, is it an input?
///     try OutputFile.write(pngBytes, to: "face.png")
///     // after a crash at any moment face.png is the old file or the new one, never a part
///
/// A regular file is replaced as a whole: written under a temporary name in its folder, synced, renamed. It keeps its
/// permissions and, if the system allows, its owner; a new one gets what the umask leaves of rw-rw-rw-. Links are
/// followed: their target is replaced, the link stays. Other names of the same file (hard links) keep the old content.
///
/// Written in place, not atomically, are devices, pipes, sockets and descriptors (/dev/null, /dev/stdout, /dev/fd/3), and
/// files that may be written to but not replaced: in a folder without write permission, or mounted by themselves.
public enum OutputFile {
    /// Replaces the content of the file at `path` by `bytes`, or makes the file.
    ///
    /// - Throws: `LloydError` with the system's reason (no such folder, disk full ...); a temporary file is removed
    ///   then.
    public static func write(_ bytes: Data, to path: String) throws { try write([bytes], to: path) }

    /// Replaces the content of the file at `path` by `pieces`, one after the other, or makes the file.
    /// - Throws: `LloydError` as `write` of one piece.
    public static func write(_ pieces: [Data], to path: String) throws {
        try write(to: path) { file in
            for piece in pieces { try file.append(piece) }
        }
    }

    /// Replaces the file at `path` by what `body` appends: for outputs that are larger than memory.
    ///
    ///     try OutputFile.write(to: "codes.npy") { file in
    ///         for block in blocks { try file.append(block) }
    ///     }
    ///
    /// - Throws: `LloydError` with the system's reason, or what `body` throws; the file is then as it was before.
    public static func write(to path: String, _ body: (Appender) throws -> Void) throws {
        switch try OutputTarget(path) {
        case .descriptor(let number):
            if number == STDOUT_FILENO { fflush(stdout) }
            try body(Appender(number, path))
        case .stream(let file): try writeInPlace(file, flags: O_NOCTTY, named: path, body)
        case .regular(let folder, let name, let existing):
            try replace(name, in: folder, existing: existing, named: path, body)
        }
    }

    /// Makes a folder and those above it; does nothing if it exists.
    /// - Throws: `LloydError` with the system's reason.
    public static func makeFolder(_ path: String) throws {
        guard !path.isEmpty else { throw emptyName }
        var information = stat()
        if stat(path, &information) == 0 {
            guard information.st_mode & S_IFMT == S_IFDIR else {
                throw LloydError.system(path, cannot: "be used as a folder", code: ENOTDIR)
            }
            return
        }
        let parent = FileName.parent(of: path)
        if !parent.isEmpty && parent != path { try makeFolder(parent) }
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw LloydError.system(path, cannot: "be made", code: errno)
        }
    }

    /// An output that is being written.
    public final class Appender {
        private let descriptor: Int32
        private let path: String
        /// Bytes so far.
        public private(set) var count = 0

        fileprivate init(_ descriptor: Int32, _ path: String) { (self.descriptor, self.path) = (descriptor, path) }

        /// - Throws: `LloydError` with the system's reason.
        public func append(_ piece: Data) throws {
            let code = piece.withUnsafeBytes { DescriptorWriting.write($0, to: descriptor) }
            if code != 0 { throw LloydError.system(path, cannot: "be written", code: code) }
            count += piece.count
        }
    }

    static let emptyName = LloydError(
        .usage, at: "the name of an output", problem: "is empty",
        remedy: "name a file (is a variable of the shell unset?)")

    private static func replace(
        _ name: String, in folder: String, existing: stat?, named path: String, _ body: (Appender) throws -> Void
    ) throws {
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else {
            // A folder that may be entered but not listed cannot be opened; its files can.
            if existing != nil && errno == EACCES {
                return try writeInPlace(folder + "/" + name, flags: 0, named: path, body)
            }
            throw LloydError.system(path, cannot: "be created", code: errno)
        }
        defer { close(parent) }
        if existing != nil, faccessat(parent, name, W_OK, AT_EACCESS) != 0 {
            throw LloydError.system(path, cannot: "be written", code: errno)
        }
        let temporary = HalfWritten.newName()
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = openat(parent, temporary, flags, mode_t(existing == nil ? 0o666 : 0o600))
        guard descriptor >= 0 else {
            if existing != nil && [EACCES, EPERM, EROFS].contains(errno) {
                return try writeInPlace(folder + "/" + name, flags: 0, named: path, body)
            }
            throw LloydError.system(path, cannot: "be created", code: errno)
        }
        do { try body(Appender(descriptor, path)) } catch {
            close(descriptor)
            unlinkat(parent, temporary, 0)
            throw error
        }
        var code = existing.map { keepAccess(of: $0, descriptor) } ?? 0
        if code == 0 { code = sync(descriptor) }
        if close(descriptor) != 0 && code == 0 { code = errno }
        guard code == 0 else {
            unlinkat(parent, temporary, 0)
            throw LloydError.system(path, cannot: "be written", code: code)
        }
        guard renameat(parent, temporary, parent, name) == 0 else {
            let code = errno
            defer { unlinkat(parent, temporary, 0) }
            // A file that is mounted by itself, say: what is written already is copied.
            if existing != nil && [EACCES, EPERM, EBUSY, EXDEV].contains(code) {
                return try copy(temporary, in: parent, to: folder + "/" + name, named: path)
            }
            throw LloydError.system(path, cannot: "be written", code: code)
        }
        // The new name is safe on disk once its folder is; some file systems cannot sync folders, and need not.
        _ = fsync(parent)
    }

    /// Gives the new file the owner, the group and the permissions of the one that it replaces.
    private static func keepAccess(of existing: stat, _ descriptor: Int32) -> Int32 {
        var mode = existing.st_mode & 0o7777
        if existing.st_uid != geteuid() || existing.st_gid != getegid() {
            if fchown(descriptor, existing.st_uid, existing.st_gid) != 0 {
                // Somebody else's rights must not pass to this user's file.
                mode &= 0o1777
                _ = fchown(descriptor, uid_t.max, existing.st_gid)
            }
        }
        return fchmod(descriptor, mode) == 0 ? 0 : errno
    }

    private static func writeInPlace(
        _ file: String, flags: Int32, named path: String, _ body: (Appender) throws -> Void
    ) throws {
        let descriptor = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC | flags)
        guard descriptor >= 0 else { throw LloydError.system(path, cannot: "be opened for writing", code: errno) }
        do { try body(Appender(descriptor, path)) } catch {
            close(descriptor)
            throw error
        }
        var code = sync(descriptor)
        if close(descriptor) != 0 && code == 0 { code = errno }
        if code != 0 { throw LloydError.system(path, cannot: "be written", code: code) }
    }

    /// Copies a file of this folder over another one's content, a megabyte at a time.
    private static func copy(_ name: String, in folder: Int32, to file: String, named path: String) throws {
        let source = openat(folder, name, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw LloydError.system(path, cannot: "be written", code: errno) }
        defer { close(source) }
        try writeInPlace(file, flags: 0, named: path) { output in
            var piece = Data(count: 1 << 20)
            while true {
                let count = piece.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw LloydError.system(path, cannot: "be written", code: errno) }
                if count == 0 { return }
                try output.append(piece.prefix(count))
            }
        }
    }

    /// Devices and some file systems have nothing to sync.
    private static func sync(_ descriptor: Int32) -> Int32 {
        if fsync(descriptor) == 0 || [EINVAL, ENOTSUP, EROFS].contains(errno) { return 0 }
        return errno
    }
}
