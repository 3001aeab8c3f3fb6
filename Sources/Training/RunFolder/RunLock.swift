import Core
import Foundation

/// One process at a time in a run folder: a file that names its owner, right on network file systems, too.
///
///     let lock = try RunLock(folder: "runs/faces")            // RunFolderRefusal while another owner lives
///     try lock.requireOwnership()                             // before each write that could harm another's
///     lock.release()
///
/// The file is made under another name and linked, which fails if the name is there (`O_EXCL` is not reliable on old NFS).
/// A lock is taken over only if its owner is provably gone: its process on this machine has ended, this machine has
/// started anew, an earlier start of the same job of Launch/lloyd or Slurm held it, or it was not renewed for ten minutes
/// (`staleAfter`) by the clock of the file system. Two that take over at once hold the old file's flock one after the other.
final class RunLock: Sendable {
    static let fileName = ".lloyd-lock"
    /// How long an owner on another machine may be silent, in seconds. It renews its lock forty times as often.
    static let staleAfter = 600.0

    private let path: String
    let owner: RunLockOwner
    /// The file's own number and text. The number alone is not enough: a file system may give that of a removed lock to the
    /// next one.
    private let inode: UInt64
    private let text: Data
    private let isHeld = Locked(true)

    /// Takes the lock.
    /// - Parameter patience: seconds to wait for an earlier start of this job whose processes are just being ended.
    /// - Throws: `RunFolderRefusal` naming the owner while it lives or cannot be asked.
    init(folder: String, owner: RunLockOwner = .current(), patience: Double = 5) throws {
        path = folder + "/" + Self.fileName
        self.owner = owner
        let temporary = "\(path).\(owner.pid).\(UInt32.random(in: 0 ... .max))"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw RunFiles.failure(path, "cannot be made", errno) }
        defer { unlink(temporary) }
        let bytes = try encoder.encode(owner) + Data("\n".utf8)
        text = bytes
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
        var code = written == bytes.count ? 0 : (written < 0 ? errno : ENOSPC)
        // Its name must not reach the disk before its text: after a power cut an empty lock would name no owner. File
        // systems that cannot sync are taken as they are.
        if code == 0, fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { code = errno }
        var state = stat()
        let isKnown = fstat(descriptor, &state) == 0
        close(descriptor)
        guard code == 0, isKnown else { throw RunFiles.failure(path, "cannot be written", code) }
        inode = UInt64(state.st_ino)
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            // A link whose answer was lost on the way shows in the number of names.
            if link(temporary, path) == 0 || (stat(temporary, &state) == 0 && state.st_nlink == 2) { break }
            let reason = errno
            guard reason == EEXIST else {
                // File systems without links: the name is made, if it is not there, and then replaced.
                guard [EPERM, ENOTSUP, ENOSYS, EMLINK].contains(reason) else {
                    throw RunFiles.failure(path, "cannot be made", reason)
                }
                let first = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
                if first >= 0 {
                    close(first)
                    if rename(temporary, path) == 0 { break }
                    throw RunFiles.failure(path, "cannot be made", errno)
                }
                guard errno == EEXIST else { throw RunFiles.failure(path, "cannot be made", errno) }
                if try takeOver(with: temporary, now: state, deadline) { break }
                continue
            }
            if try takeOver(with: temporary, now: state, deadline) { break }
        }
        startRenewing()
    }

    /// Judges the owner of the lock that is there.
    /// - Returns: whether the lock is this process's now; false to try again.
    private func takeOver(with temporary: String, now: stat, _ deadline: ContinuousClock.Instant) throws -> Bool {
        // Over NFS an exclusive flock needs a file that is open for writing.
        var old = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if old < 0, errno != ENOENT { old = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        if old < 0, errno == ENOENT { return false }
        guard old >= 0 else { throw RunFiles.failure(path, "cannot be opened", errno) }
        defer { close(old) }
        // A process that takes over holds the old file. Without flock, only the rename below decides.
        guard flock(old, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw refusal("is just being taken over by another start", by: nil)
        }
        var (held, named) = (stat(), stat())
        guard fstat(old, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino else { return false }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { read(old, $0.baseAddress!, $0.count) }
        guard count >= 0 else { throw RunFiles.failure(path, "cannot be read", errno) }
        let other = try? JSONDecoder().decode(RunLockOwner.self, from: Data(buffer[..<count]))
        // Both times are the file system's.
        let silent = Double(now.st_ctim.tv_sec - held.st_mtim.tv_sec)
        switch owner.judge(other, silentSeconds: silent) {
        case .gone: break
        case .ending:
            guard ContinuousClock.now < deadline else {
                throw refusal("holds a run that is still being ended", by: other)
            }
            usleep(50_000)
            return false
        case .alive: throw refusal("holds a run that is under way", by: other)
        case .unknown: throw refusal("holds a run that may be under way", by: other)
        }
        guard rename(temporary, path) == 0 else { throw RunFiles.failure(path, "cannot be replaced", errno) }
        return true
    }

    private func refusal(_ problem: String, by other: RunLockOwner?) -> RunFolderRefusal {
        let folder = FileName.parent(of: path)
        guard let other else {
            return RunFolderRefusal(
                path: folder, problem: problem,
                remedy: "wait for it, choose another folder with --run, or remove \(path) if no process uses the folder"
            )
        }
        return RunFolderRefusal(
            path: folder, problem: "\(problem): process \(other.pid) on \(other.host), since \(other.since)",
            remedy:
                "wait for it, stop it there with `kill \(other.pid)`, or choose another folder with --run; if it is "
                + "certainly gone, remove \(path)")
    }

    // MARK: Holding

    /// Checks that this process still holds the lock. If the lock cannot be read just now, it counts as held.
    /// - Throws: `LloydError.file` when another process has taken the folder over: this one was cut off, or stood still.
    func requireOwnership() throws {
        switch isThere() {
        case true?: break
        case false?: throw lost("another process has taken it over")
        case nil:
            if errno == ENOENT { throw lost("its lock is gone") }
        // Not known now; the write that follows will tell.
        }
    }

    /// Whether the lock that is there is this process's; nil if it cannot be read, with the reason in `errno`.
    private func isThere() -> Bool? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var state = stat()
        guard fstat(descriptor, &state) == 0 else { return nil }
        guard UInt64(state.st_ino) == inode, state.st_size == text.count else { return false }
        var buffer = [UInt8](repeating: 0, count: text.count)
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
        guard count >= 0 else { return nil }
        return Data(buffer[..<count]) == text
    }

    private func lost(_ why: String) -> LloydError {
        .file(
            path: FileName.parent(of: path),
            problem: "this run folder no longer belongs to this process: \(why)",
            remedy:
                "nothing more is written to it here; let the other process continue, or use --resume when it has ended")
    }

    private func startRenewing() {
        let thread = Thread { [weak self] in
            var seconds = 0.0
            while true {
                Thread.sleep(forTimeInterval: 0.5)
                guard let self, self.isHeld.withLock({ $0 }) else { return }
                seconds += 0.5
                if seconds >= Self.staleAfter / 40 {
                    seconds = 0
                    self.renew()
                }
            }
        }
        thread.stackSize = 1 << 18
        thread.start()
    }

    private func renew() {
        guard isThere() == true else { return }
        utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW)
    }

    /// Removes the lock, if it is still this process's.
    func release() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        if wasHeld, isThere() == true { unlink(path) }
    }

    deinit { release() }
}
