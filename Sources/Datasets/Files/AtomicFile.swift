import Foundation

/// Writes a file so that its name always stands for a whole one: temporary name, sync, rename.
///
///     try AtomicFile.write(pngBytes, to: "report/face.png")
///     // after a crash at any moment face.png is the old file or the new one, never a part
public enum AtomicFile {
    /// Replaces the file at `path` by `bytes`.
    ///
    /// - Throws: `DatasetError` with the system's reason (no such folder, disk full ...); nothing is left behind then.
    public static func write(_ bytes: Data, to path: String) throws { try write([bytes], to: path) }

    /// Replaces the file at `path` by `pieces`, one after the other.
    public static func write(_ pieces: [Data], to path: String) throws {
        var name = Array((path + mark + "XXXXXX").utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw failure(path, "cannot be created", errno) }
        let temporary = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        var code: Int32 = fchmod(descriptor, 0o644) == 0 ? 0 : errno
        for piece in pieces where code == 0 { code = writeAll(piece, to: descriptor) }
        if code == 0 && fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0 && code == 0 { code = errno }
        if code == 0 && rename(temporary, path) != 0 { code = errno }
        guard code == 0 else {
            unlink(temporary)
            throw failure(path, "cannot be written", code)
        }
        // The new name is safe on disk once its folder is; some file systems cannot sync folders, and need not.
        let parent = (path as NSString).deletingLastPathComponent
        let folder = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            _ = fsync(folder)
            close(folder)
        }
    }

    /// What tells a temporary name from that of a whole file.
    private static let mark = ".partial-"

    /// Removes what killed processes left half written in a folder and the folders within it.
    ///
    /// - Throws: Foundation's error where a file cannot be removed.
    public static func removeHalfWritten(below folder: String) throws {
        let manager = FileManager.default
        for case let file as String in manager.enumerator(atPath: folder) ?? .init()
        where (file as NSString).lastPathComponent.contains(mark) {
            try manager.removeItem(atPath: folder + "/" + file)
        }
    }

    private static func writeAll(_ bytes: Data, to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) -> Int32 in
            var done = 0
            while done < buffer.count {
                let written = Foundation.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
                if written < 0 && errno == EINTR { continue }
                if written < 0 { return errno }
                done += written
            }
            return 0
        }
    }

    private static func failure(_ path: String, _ problem: String, _ code: Int32) -> DatasetError {
        let remedy =
            switch code {
            case ENOENT, ENOTDIR: "make the folder first"
            case EACCES, EPERM, EROFS: "choose a folder that may be written to"
            case ENOSPC, EDQUOT: "free some space"
            case EISDIR: "choose the name of a file"
            default: "check the file system"
            }
        return DatasetError(path: path, problem: "\(problem) (\(String(cString: strerror(code))))", remedy: remedy)
    }
}
