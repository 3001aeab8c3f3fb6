import Datasets
import Foundation

/// What tells data from other data, wherever they lie: names, sizes, and bytes if that is cheap.
///
///     try DataFingerprint.text(of: "/scratch/job17/photos")   // "620 files, 81391044 bytes, 3fa9c1d200b7e5a1"
///
/// Every byte counts if there are 16 MB or less; of more, files at even distances are looked into, and pages at even
/// distances in each. Equal on all ranks and after the data moved; not safe against intent.
enum DataFingerprint {
    /// As many bytes are hashed in all.
    private static let budget = 16 << 20
    /// Files that are looked into, and bytes of each page that is read.
    private static let (mostFiles, page) = (256, 4096)
    /// Bytes that are read at a time.
    private static let piece = 1 << 18

    private struct File {
        var path: String
        /// Relative to the folder that was named.
        var name: String
        var size: Int
    }

    /// - Parameter path: as the key has it: a file, a folder of images or tar files, or a pattern of tar files.
    /// - Throws: `LloydError` if something cannot be examined or read.
    static func text(of path: String) throws -> String {
        var files: [File] = []
        for start in try BracePattern.expand(path) {
            var state = stat()
            guard FileName.withPath(start, { stat($0, &state) }) == 0 else {
                throw failure(start, "cannot be examined")
            }
            if state.st_mode & S_IFMT == S_IFDIR {
                try collect(start, into: &files)
            } else {
                files.append(File(path: start, name: (start as NSString).lastPathComponent, size: Int(state.st_size)))
            }
        }
        files.sort { FileName.precedes($0.name, $1.name) }
        let bytes = files.reduce(0) { $0 + $1.size }
        var hash = Fingerprint()
        // The name of a single file may change when it is moved; a format's ending may not.
        for file in files {
            hash.add("\(files.count > 1 ? file.name : (file.name as NSString).pathExtension)\t\(file.size)")
        }
        let looked = bytes <= budget ? files.count : min(mostFiles, files.count)
        for number in 0..<looked {
            let file = files[looked == files.count ? number : number * (files.count - 1) / max(1, looked - 1)]
            try add(file, to: &hash, atMost: bytes <= budget ? file.size : budget / looked)
        }
        return "\(files.count) file\(files.count == 1 ? "" : "s"), \(bytes) bytes, " + String(hash.value, radix: 16)
    }

    /// The files that the data sources take from a folder, whatever bytes their names are made of.
    private static func collect(_ folder: String, into files: inout [File]) throws {
        for name in try FolderListing.files(below: folder)
        where ImageFolder.isImage(name) || (name as NSString).pathExtension.lowercased() == "tar" {
            let path = folder + "/" + name
            var state = stat()
            guard FileName.withPath(path, { stat($0, &state) }) == 0 else { throw failure(path, "cannot be examined") }
            guard state.st_mode & S_IFMT == S_IFREG else { continue }
            files.append(File(path: path, name: name, size: Int(state.st_size)))
        }
    }

    private static func add(_ file: File, to hash: inout Fingerprint, atMost most: Int) throws {
        let descriptor = FileName.withPath(file.path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw failure(file.path, "cannot be opened") }
        defer { close(descriptor) }
        let isWhole = file.size <= most
        let length = isWhole ? piece : page
        let pieces = isWhole ? (file.size + piece - 1) / piece : max(2, most / page)
        var buffer = [UInt8](repeating: 0, count: length)
        for number in 0..<pieces {
            let offset = isWhole ? number * piece : (file.size - page) / (pieces - 1) * number
            var filled = 0
            while filled < length {
                let count = buffer.withUnsafeMutableBytes {
                    pread(descriptor, $0.baseAddress! + filled, length - filled, off_t(offset + filled))
                }
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw failure(file.path, "cannot be read") }
                guard count > 0 else { break }
                filled += count
            }
            hash.add(Data(buffer[..<filled]))
        }
    }

    private static func failure(_ path: String, _ problem: String) -> LloydError {
        LloydError(
            path: path, problem: "\(problem) (\(String(cString: strerror(errno))))",
            remedy: "check the path and its permissions")
    }
}
