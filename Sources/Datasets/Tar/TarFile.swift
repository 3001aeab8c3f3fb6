import Foundation

/// A tar file whose members are read in place.
///
///     let file = try TarFile("shards-000.tar", staysOpen: true)
///     let bytes = try file.read(1536, count: 40_000)
///
/// Read with pread, so that several threads and ranks share the file, and nothing of it is kept in memory.
final class TarFile: @unchecked Sendable {
    let path: String
    let size: Int
    /// -1 if the file is opened for every reading.
    private let descriptor: Int32

    init(_ path: String, staysOpen: Bool) throws {
        self.path = path
        let file = try OpenFile(path)
        size = file.size
        descriptor = staysOpen ? fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0) : -1
        if staysOpen, descriptor < 0 { throw OpenFile.error(path, "cannot be kept open", errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The bytes from `offset` on; fewer than `count` only if the file ends.
    func read(_ offset: Int, count: Int) throws -> [UInt8] {
        guard descriptor < 0 else {
            return try OpenFile.bytes(of: descriptor, path: path, offset: offset, count: count)
        }
        let file = try OpenFile(path)
        return try OpenFile.bytes(of: file.descriptor, path: path, offset: offset, count: count)
    }
}
