import Foundation

/// Reading files through descriptors, with every failure a `LloydError` that says what to do.
///
/// Only regular files are read. A pipe, socket or device is refused at once: its other end may never answer, and its bytes
/// cannot be read twice.
struct OpenFile: ~Copyable {
    let path: String
    let descriptor: Int32
    /// The file's real size in bytes.
    let size: Int

    init(_ path: String) throws {
        self.path = path
        // Without O_NONBLOCK a pipe without a writer would block here. It has no effect on regular files.
        let descriptor = FileName.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else {
            // A socket cannot even be opened.
            if errno == ENXIO || errno == ENODEV { throw Self.notAFile(path, isFolder: false) }
            let code = errno
            guard code != ENOENT else {
                throw LloydError(path: path, problem: "does not exist", remedy: "check the path", kind: .unavailable)
            }
            throw Self.error(path, "cannot be opened", code)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Self.error(path, "cannot be examined", code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Self.notAFile(path, isFolder: status.st_mode & S_IFMT == S_IFDIR)
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    private static func notAFile(_ path: String, isFolder: Bool) -> LloydError {
        LloydError(
            path: path,
            problem: isFolder ? "is a folder, not a file" : "is not a regular file, but a pipe, socket or device",
            remedy: isFolder ? "name a file" : "name a file, or copy what it gives to one first", kind: .unavailable)
    }

    /// The first `count` bytes, or fewer if the file ends earlier.
    func prefix(_ count: Int) throws -> [UInt8] {
        try Self.bytes(of: descriptor, path: path, offset: 0, count: min(count, size))
    }

    /// The bytes from `offset` on; fewer than `count` only if the file ends.
    static func bytes(of descriptor: Int32, path: String, offset: Int, count wanted: Int) throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted {
                let got = pread(descriptor, buffer.baseAddress! + filled, wanted - filled, off_t(offset + filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { break }
                filled += got
            }
        }
        guard failure == 0 else { throw error(path, "cannot be read", failure) }
        return bytes
    }

    /// A failed system call on a file that is read.
    static func error(_ path: String, _ problem: String, _ code: Int32) -> LloydError {
        let remedy =
            switch code {
            case ENOENT, ENOTDIR: "check the path"
            case EACCES, EPERM: "check the permissions of the file and of the folders above it"
            case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
            default: "check the file system"
            }
        return LloydError(
            path: path, problem: "\(problem) (\(String(cString: strerror(code))))", remedy: remedy, kind: .unavailable)
    }
}

/// Reads whole input files: configs, JSON and everything else that is not read in parts.
///
///     let bytes = try InputFile.read("runs/a/record.json")
///     let text = try InputFile.readText("Configs/rrq-demo.yaml", most: 1 << 20)
public enum InputFile {
    /// The bytes of a file.
    /// - Parameter most: the most bytes that the file may have.
    /// - Throws: `LloydError` for a file that is missing, cannot be read, is larger than `most` bytes, or is a folder,
    ///   pipe, socket or device.
    public static func read(_ path: String, most: Int = 1 << 30) throws -> Data {
        let file = try OpenFile(path)
        guard file.size <= most else {
            throw LloydError(
                path: path, problem: "has \(file.size) bytes, more than such a file may have (\(most))",
                remedy: "check that it is the right file")
        }
        let bytes = try OpenFile.bytes(of: file.descriptor, path: path, offset: 0, count: file.size)
        return Data(bytes)
    }

    /// The first `count` bytes, or fewer if the file is shorter: enough to see what it is.
    /// - Throws: `LloydError` as `read`.
    public static func prefix(_ path: String, count: Int) throws -> [UInt8] { try OpenFile(path).prefix(count) }

    /// Why a file could not be read, as a predicate: for errors of other kinds that name the file themselves.
    public static func reason(_ error: any Error) -> String {
        (error as? LloydError)?.problem ?? "cannot be read: \(error)"
    }

    /// The text of a file.
    /// - Throws: `LloydError` as `read`, and for a file that is not UTF-8.
    public static func readText(_ path: String, most: Int = 1 << 30) throws -> String {
        let bytes = try read(path, most: most)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LloydError(path: path, problem: "is not UTF-8 text", remedy: "save it as UTF-8")
        }
        return text
    }
}

/// A whole file mapped into memory, read-only, for as long as the reference lives.
///
/// The mapping costs no memory of its own and is shared by the ranks of a node. A file that is shortened while it is
/// mapped ends the program (SIGBUS), as with every mapped file: write a new file and rename instead.
final class MappedFile: @unchecked Sendable {
    let path: String
    let bytes: UnsafeRawBufferPointer

    init(_ path: String) throws {
        self.path = path
        let file = try OpenFile(path)
        guard file.size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, file.size, PROT_READ, MAP_SHARED, file.descriptor, 0), start != MAP_FAILED else {
            throw OpenFile.error(path, "cannot be mapped into memory", errno)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: file.size)
    }

    /// Gives up the pages that were read; reading them again maps them again.
    func releasePages() {
        if let start = bytes.baseAddress {
            _ = madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
        }
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
