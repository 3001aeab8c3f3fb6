import Foundation

/// Writes whole files: a reader sees the old content or the new one, never a part, even after a power cut.
enum AtomicFile {
    static func write(_ data: Data, to file: URL) throws {
        let temporary = file.deletingLastPathComponent()
            .appendingPathComponent(".\(file.lastPathComponent).\(getpid()).tmp")
        do {
            try create(temporary, data, named: file)
            try rename(temporary, to: file)
        } catch {
            unlink(temporary.path)
            throw error
        }
    }

    static func rename(_ temporary: URL, to file: URL) throws {
        var information = stat()
        if stat(file.path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR {
            throw ReportingError(
                place: file.path, problem: "a folder has the name of a file of the report",
                remedy: "Move it away, or choose another folder.")
        }
        guard Foundation.rename(temporary.path, file.path) == 0 else {
            throw ReportingError.system(file.path, doing: "be replaced", code: errno)
        }
    }

    /// Makes the folder and those above it.
    static func makeFolder(_ folder: URL) throws {
        var information = stat()
        if stat(folder.path, &information) == 0 {
            guard information.st_mode & S_IFMT == S_IFDIR else {
                throw ReportingError.system(folder.path, doing: "be used as a folder", code: ENOTDIR)
            }
            return
        }
        let parent = folder.deletingLastPathComponent()
        if parent.path != folder.path { try makeFolder(parent) }
        guard mkdir(folder.path, 0o777) == 0 || errno == EEXIST else {
            throw ReportingError.system(folder.path, doing: "be created", code: errno)
        }
    }

    private static func create(_ temporary: URL, _ data: Data, named file: URL) throws {
        let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        guard descriptor >= 0 else { throw ReportingError.system(file.path, doing: "be created", code: errno) }
        var failure: Int32 = 0
        data.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count && failure == 0 {
                let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count >= 0 { done += count } else if errno != EINTR { failure = errno }
            }
        }
        if failure == 0 && fsync(descriptor) != 0 && errno != EINVAL { failure = errno }
        if close(descriptor) != 0 && failure == 0 { failure = errno }
        guard failure == 0 else { throw ReportingError.system(file.path, doing: "be written", code: failure) }
    }
}
