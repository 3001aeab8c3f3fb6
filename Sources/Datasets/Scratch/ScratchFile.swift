import Foundation

/// Memory on a disk: a mapped temporary file without a name, whose room on the disk is reserved.
///
///     let file = try ScratchFile(folder: "/scratch", bytes: 20 << 30)
///     file.start                                    // 20 GiB of zeros, written and read like memory
///     file.prefetch(0..<1 << 20)                    // will be needed soon
///     file.release(0..<1 << 20)                     // is not needed for a while; what was written stays
///
/// The kernel writes pages out and reads them back. They count neither as data of the process (`ulimit -d`) nor as memory
/// that a control group could not take back. The file loses its name as soon as it exists, so its space returns to the
/// disk whatever way the process ends. Reserving keeps a disk that fills up later from ending the run.
public final class ScratchFile: @unchecked Sendable {
    /// The folder that the file lies in.
    public let folder: String
    /// Its size in bytes.
    public let bytes: Int
    /// Its first byte, aligned to a page.
    public let start: UnsafeMutableRawPointer
    private let descriptor: Int32

    /// The folder of scratch files unless another one is given: TMPDIR, which batch systems point to a disk of the node, or
    /// /var/tmp, which unlike /tmp is hardly ever kept in memory.
    public static var defaultFolder: String {
        let asked = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return asked.isEmpty ? "/var/tmp" : asked
    }

    /// Makes the file and reserves its room.
    ///
    /// - Parameters:
    ///   - folder: a folder on a disk.
    ///   - bytes: the size, at least 1.
    ///   - key: the config key that chooses the folder, for messages.
    /// - Throws: `LloydError` for a folder that is not there, may not be written to, has too little room, or lies in
    ///   memory itself.
    public init(folder: String, bytes: Int, key: String = "data.scratch") throws {
        precondition(bytes > 0)
        self.folder = folder
        self.bytes = bytes
        let elsewhere = "set \(key) to a folder on a disk of this machine"
        func fault(_ problem: String, _ remedy: String? = nil) -> LloydError {
            LloydError(
                path: folder, problem: "\(problem), so it cannot hold the scratch file (\(key))",
                remedy: remedy ?? elsewhere)
        }
        var kind = stat()
        guard stat(folder, &kind) == 0 else {
            throw fault("cannot be opened (\(Self.reason(errno)))", "make the folder, or \(elsewhere)")
        }
        guard kind.st_mode & S_IFMT == S_IFDIR else { throw fault("is not a folder") }
        // Such a file system keeps files in the memory that is to be saved.
        guard !["tmpfs", "ramfs"].contains(Self.fileSystem(of: kind.st_dev)) else {
            throw fault("lies in memory, not on a disk")
        }
        let room = Self.room(folder)
        guard bytes <= room else {
            throw fault(
                "has \(Self.text(room)) free of the \(Self.text(bytes)) that this rank needs",
                "free some space, start more ranks on more machines, or \(elsewhere)")
        }
        var name = Array("\(folder)/lloyd-scratch-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw fault("cannot be written to (\(Self.reason(errno)))") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
        var code: Int32
        repeat { code = posix_fallocate(descriptor, 0, off_t(bytes)) } while code == EINTR
        guard code == 0 else {
            close(descriptor)
            throw fault(
                "has no room for the \(Self.text(bytes)) that this rank needs (\(Self.reason(code)))",
                "free some space, start more ranks on more machines, or \(elsewhere)")
        }
        guard let start = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), start != MAP_FAILED
        else {
            let code = errno
            close(descriptor)
            throw fault(
                "holds \(Self.text(bytes)) that cannot be mapped (\(Self.reason(code)))",
                "raise the limit of address space (ulimit -v), or start more ranks")
        }
        self.descriptor = descriptor
        self.start = start
    }

    deinit {
        munmap(start, bytes)
        close(descriptor)
    }

    /// Bytes that a file in the folder may have.
    private static func room(_ folder: String) -> Int {
        // Growing beyond this limit would end the process with a signal.
        var limit = rlimit()
        #if os(Linux)
            let status = getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #else
            let status = getrlimit(RLIMIT_FSIZE, &limit)
        #endif
        let most = status == 0 ? Int(clamping: limit.rlim_cur) : Int.max
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else { return most }
        let (free, overflow) = Int(clamping: disk.f_bavail).multipliedReportingOverflow(by: Int(disk.f_frsize))
        return overflow ? most : min(most, free)
    }

    /// The type of a mounted file system, by its device number; nil if the system does not say.
    private static func fileSystem(of device: dev_t) -> String? {
        let number = UInt64(device)
        let major = number >> 8 & 0xFFF | number >> 32 & ~0xFFF
        let minor = number & 0xFF | number >> 12 & ~0xFF
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == "\(major):\(minor)", let mark = fields.firstIndex(of: "-") else {
                continue
            }
            return mark + 1 < fields.count ? String(fields[mark + 1]) : nil
        }
        return nil
    }

    /// Asks the kernel to read a range that will be used soon.
    public func prefetch(_ range: Range<Int>) {
        let pages = Self.pages(range.clamped(to: 0..<bytes))
        if !pages.isEmpty { _ = madvise(start + pages.lowerBound, pages.count, MADV_WILLNEED) }
    }

    /// Releases a range that is not used for a while: the kernel begins to write it out, and the process gives its pages up.
    ///
    /// Safe while another thread uses the range: nothing is lost, its pages are only mapped again. They stay in the kernel's
    /// cache as long as there is room, and then need not be read again.
    public func release(_ range: Range<Int>) {
        let pages = Self.pages(range.clamped(to: 0..<bytes))
        guard !pages.isEmpty else { return }
        // Pages that are clean, or on their way, are passed over.
        _ = madvise(start + pages.lowerBound, pages.count, MADV_DONTNEED)
        _ = Self.synchronize?(descriptor, off_t(pages.lowerBound), off_t(pages.count), Self.startWriting)
    }

    /// Reports a disk that failed.
    /// - Throws: `LloydError` if the kernel could not write or read a page of the file.
    public func check() throws {
        guard let synchronize = Self.synchronize else { return }
        // Waits for one byte only, but reports what has failed since the last call.
        guard synchronize(descriptor, 0, 1, Self.awaitWriting) != 0 else { return }
        let code = errno
        guard code == EIO || code == ENOSPC || code == EDQUOT || code == ESTALE else { return }
        throw LloydError(
            path: folder, problem: "lost a part of the scratch file (\(Self.reason(code)))",
            remedy: "check the disk, or set data.scratch to a folder on another one, and continue with --resume")
    }

    /// The whole pages around a range.
    private static func pages(_ range: Range<Int>) -> Range<Int> {
        range.isEmpty ? range : range.lowerBound / pageSize * pageSize..<roundedToPages(range.upperBound)
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// The least multiple of the page size that holds so many bytes.
    public static func roundedToPages(_ bytes: Int) -> Int { (bytes + pageSize - 1) / pageSize * pageSize }

    /// SYNC_FILE_RANGE_WAIT_BEFORE and SYNC_FILE_RANGE_WRITE of linux/fs.h.
    private static let (awaitWriting, startWriting): (UInt32, UInt32) = (1, 2)

    /// sync_file_range(2), which Swift's Glibc module leaves out; nil if the system has none.
    private static let synchronize: (@convention(c) (Int32, off_t, off_t, UInt32) -> Int32)? = {
        dlsym(nil, "sync_file_range").map {
            unsafeBitCast($0, to: (@convention(c) (Int32, off_t, off_t, UInt32) -> Int32).self)
        }
    }()

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func text(_ bytes: Int) -> String {
        bytes < 10 << 30 ? "\((bytes + (1 << 20) - 1) >> 20) MiB" : "\(bytes >> 30) GiB"
    }
}
