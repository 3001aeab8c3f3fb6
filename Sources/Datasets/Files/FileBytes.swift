import Foundation

/// Reading files through descriptors, with every failure a `DatasetError` that says what to do.
struct OpenFile: ~Copyable {
    let path: String
    let descriptor: Int32
    /// The file's real size in bytes.
    let size: Int

    init(_ path: String) throws {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(path, "cannot be opened", errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Self.error(path, "cannot be examined", code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw DatasetError(
                path: path, problem: isFolder ? "is a folder, not a file" : "is not a regular file",
                remedy: "name a file")
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The first `count` bytes, or fewer where the file ends earlier.
    func prefix(_ count: Int) throws -> [UInt8] {
        try Self.bytes(of: descriptor, path: path, offset: 0, count: min(count, size))
    }

    /// The bytes from `offset` on; fewer than `count` only where the file ends.
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

    static func error(_ path: String, _ problem: String, _ code: Int32) -> DatasetError {
        let remedy =
            switch code {
            case ENOENT, ENOTDIR: "check the path"
            case EACCES, EPERM: "check the permissions of the file and of the folders above it"
            case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
            default: "check the file system"
            }
        return DatasetError(path: path, problem: "\(problem) (\(String(cString: strerror(code))))", remedy: remedy)
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

    /// The process holds the pages no longer that were read; who reads them again maps them again.
    func releasePages() {
        if let start = bytes.baseAddress {
            _ = madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
        }
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
