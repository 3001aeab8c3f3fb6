import Foundation

/// A process that owns a run folder, as its lock names it.
///
///     let me = RunLockOwner.current()
///     let judgment = me.judge(other, silentSeconds: 20)       // .alive, .gone, .ending or .unknown
struct RunLockOwner: Codable, Equatable, Sendable {
    var host: String
    var pid: Int32
    /// When the process started, in the kernel's ticks since `boot`: another process of the same number differs.
    var started: UInt64
    /// The kernel's start, and the name space that the process's number belongs to (containers have their own).
    var boot: String
    var namespace: String
    /// The machine, across its starts; empty if it has no such number.
    var machine: String
    /// The job that started it, and which of that job's starts it was; empty outside of one.
    var job: String
    var attempt: Int
    /// For people: when the lock was taken.
    var since: String

    enum Judgment: Sendable, Equatable {
        /// Runs.
        case alive
        /// Has ended.
        case gone
        /// Runs, but a later start of its own job has come: it is about to be ended.
        case ending
        /// Runs on a machine that cannot be asked, or has ended there.
        case unknown
    }

    static func current(environment: [String: String] = ProcessInfo.processInfo.environment) -> RunLockOwner {
        let pid = getpid()
        var (job, attempt) = ("", 0)
        if let name = environment["LLOYD_JOB"], !name.isEmpty {
            job = "launch " + name
        } else if let name = environment["SLURM_JOB_ID"], !name.isEmpty {
            (job, attempt) = ("slurm " + name, environment["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0)
        }
        return RunLockOwner(
            host: hostName, pid: pid, started: startTime(of: pid) ?? 0,
            boot: line("/proc/sys/kernel/random/boot_id"), namespace: linkTarget("/proc/self/ns/pid"),
            machine: line("/etc/machine-id"), job: job, attempt: attempt,
            since: ISO8601DateFormatter().string(from: Date()))
    }

    /// Whether another owner still runs, as this process can know.
    /// - Parameters:
    ///   - other: nil for a lock that cannot be read.
    ///   - silentSeconds: how long ago the lock was renewed.
    func judge(_ other: RunLockOwner?, silentSeconds: Double) -> Judgment {
        let isSilent = silentSeconds > RunLock.staleAfter
        guard let other else { return isSilent ? .gone : .unknown }
        // Starts of Launch/lloyd follow one another; a fence ends what is left of an earlier one. Slurm counts its starts.
        let isLaterStart =
            !job.isEmpty && job == other.job && (job.hasPrefix("launch ") || attempt > other.attempt)
        if !boot.isEmpty, boot == other.boot, namespace == other.namespace {
            let isHidden = kill(other.pid, 0) != 0 && errno == EPERM && Self.startTime(of: other.pid) == nil
            guard isHidden || Self.startTime(of: other.pid) == other.started else { return .gone }
            return isLaterStart ? .ending : .alive
        }
        if isLaterStart { return .gone }
        // The same machine, started anew.
        if !machine.isEmpty, machine == other.machine, host == other.host, boot != other.boot { return .gone }
        return isSilent ? .gone : .unknown
    }

    /// Field 22 of /proc/PID/stat; nil for a process that has ended, also if its parent has not noticed.
    static func startTime(of pid: Int32) -> UInt64? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        // The program's name, in parentheses, may hold blanks and parentheses.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    /// Without asking any name server.
    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, 255) == 0 else { return "an unnamed host" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func line(_ path: String) -> String {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func linkTarget(_ path: String) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
    }
}
