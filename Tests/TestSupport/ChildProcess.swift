import Foundation

/// Runs a program with a time limit and keeps what it printed.
///
///     let result = try ChildProcess.run("/bin/echo", arguments: ["hello"], timeout: 5)
///     result.status             // 0
///     result.standardOutput     // "hello\n"
///     result.timedOut           // false
///
/// Output goes through files, so that a grandchild that outlives the program cannot keep the reader waiting.
public enum ChildProcess {
    /// How a program ended.
    public struct Result: Sendable, CustomStringConvertible {
        /// The exit code; 128 + the signal's number when a signal ended it.
        public let status: Int32
        /// Whether the time limit ended it.
        public let timedOut: Bool
        public let standardOutput: String
        public let standardError: String
        /// Wall-clock time.
        public let seconds: Double

        public var description: String {
            "status \(status)\(timedOut ? " (time limit)" : "") after \(seconds) s\n"
                + "--- standard output\n\(standardOutput)\n--- standard error\n\(standardError)"
        }
    }

    public struct CannotStart: Error, CustomStringConvertible {
        public let description: String
    }

    /// Seconds between the polite SIGTERM at the time limit and SIGKILL.
    private static let grace = 3.0

    /// Runs `executable` (a path) with exactly `environment` and waits for its end, `timeout` seconds at most.
    public static func run(
        _ executable: String, arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment, folder: String? = nil, timeout: Double = 60
    ) throws -> Result {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("lloyd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let output = scratch.appendingPathComponent("output")
        let errors = scratch.appendingPathComponent("errors")

        let start = ContinuousClock.now
        let child = try spawn(
            executable, arguments: arguments, environment: environment, folder: folder, output: output.path,
            errors: errors.path)
        var status: Int32 = 0
        var timedOut = false
        var killed = false
        while waitpid(child, &status, WNOHANG) == 0 {
            let elapsed = seconds(since: start)
            if elapsed > timeout, !timedOut {
                timedOut = true
                kill(-child, SIGTERM)
            } else if elapsed > timeout + grace, !killed {
                killed = true
                kill(-child, SIGKILL)
            }
            usleep(2000)
        }
        let signal = status & 0x7f
        return Result(
            status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, timedOut: timedOut,
            standardOutput: text(of: output), standardError: text(of: errors), seconds: seconds(since: start))
    }

    /// Starts the program in a process group of its own.
    private static func spawn(
        _ executable: String, arguments: [String], environment: [String: String], folder: String?, output: String,
        errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The test runner's threads block signals; the child must not inherit that, or SIGTERM would not reach it.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)

        // posix_spawn cannot change the folder portably; env can.
        let command = folder.map { ["/usr/bin/env", "-C", $0, executable] } ?? [executable]
        var strings = (command + arguments).map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") as UnsafeMutablePointer<CChar>? } + [nil]
        defer { (strings + variables).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, command[0], &actions, &attributes, &strings, &variables)
        guard code == 0 else {
            throw CannotStart(description: "cannot start \(executable): \(String(cString: strerror(code)))")
        }
        return child
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .seconds(1)
    }

    private static func text(of file: URL) -> String {
        String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
    }
}
