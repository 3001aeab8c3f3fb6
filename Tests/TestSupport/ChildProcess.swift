import Foundation

/// Runs a program to its end and keeps what it printed.
///
///     let result = try ChildProcess.run("/bin/echo", arguments: ["hello"])
///     result.status             // 0
///     result.standardOutput     // "hello\n"
///
///     // Ctrl-C as soon as the program says that it waits for it:
///     let stopped = try ChildProcess.run(
///         "/bin/sh", arguments: ["-c", "echo ready; sleep 3600"],
///         interruption: .init(SIGINT) { $0.standardOutput.contains("ready") })
///
/// No test depends on how fast a program is: what has to come in the middle of it is sent after an event, and the time
/// limit only keeps a program that hangs from stopping all tests. It ends with the error `Hung`.
/// Output goes through files, so that a grandchild that outlives the program cannot keep the reader waiting.
public enum ChildProcess {
    /// How a program ended.
    public struct Result: Sendable, CustomStringConvertible {
        /// The exit code; 128 + the signal's number when a signal ended it.
        public let status: Int32
        /// Whether it lived until the interruption's event, and was sent the signal.
        public let interrupted: Bool
        /// All that it printed on standard output.
        public let standardOutput: String
        /// All that it printed on standard error.
        public let standardError: String

        /// For messages of tests: the exit code and all that it printed.
        public var description: String {
            "status \(status)\(interrupted ? " (interrupted)" : "")\n"
                + "--- standard output\n\(standardOutput)\n--- standard error\n\(standardError)"
        }
    }

    /// A signal in the middle of a program's life.
    public struct Interruption {
        let signal: Int32
        let isDue: (Output) -> Bool

        /// - Parameters:
        ///   - signal: sent once to the program's process group, as a terminal does.
        ///   - isDue: asked again and again with what was printed so far, until it says yes or the program has ended.
        public init(_ signal: Int32, when isDue: @escaping (Output) -> Bool) {
            (self.signal, self.isDue) = (signal, isDue)
        }
    }

    /// What a program has printed so far.
    public struct Output {
        let output: URL
        let errors: URL
        /// What it has printed on standard output.
        public var standardOutput: String { text(of: output) }
        /// What it has printed on standard error.
        public var standardError: String { text(of: errors) }
    }

    /// A program that did not end.
    public struct Hung: Error, CustomStringConvertible {
        /// Its path and arguments.
        public let program: String
        /// How it ended when it was killed.
        public let result: Result
        public var description: String { "\(program) hangs; it was killed: \(result)" }
    }

    /// A program that the system cannot start.
    public struct CannotStart: Error, CustomStringConvertible {
        public let description: String
    }

    /// Seconds between the polite SIGTERM at the time limit and SIGKILL.
    private static let grace = 3.0

    /// Runs `executable` (a path) with exactly `environment` and waits for its end.
    /// - Parameter timeout: seconds after which the program counts as hung, far beyond what the slowest machine needs.
    /// - Throws: `CannotStart`; `Hung` after the time limit, when the program's process group was killed.
    public static func run(
        _ executable: String, arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment, folder: String? = nil,
        interruption: Interruption? = nil, timeout: Double = 900
    ) throws -> Result {
        let scratch = try ScratchFolder()
        let (output, errors) = (URL(fileURLWithPath: scratch / "output"), URL(fileURLWithPath: scratch / "errors"))

        let start = ContinuousClock.now
        let child = try spawn(
            executable, arguments: arguments, environment: environment, folder: folder, output: output.path,
            errors: errors.path)
        var status: Int32 = 0
        var hangs = false
        var killed = false
        var interrupted = false
        while waitpid(child, &status, WNOHANG) == 0 {
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            if elapsed > timeout, !hangs {
                hangs = true
                kill(-child, SIGTERM)
            } else if elapsed > timeout + grace, !killed {
                killed = true
                kill(-child, SIGKILL)
            }
            if let interruption, !interrupted, interruption.isDue(Output(output: output, errors: errors)) {
                interrupted = true
                kill(-child, interruption.signal)
            }
            usleep(2000)
        }
        let signal = status & 0x7f
        let result = Result(
            status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, interrupted: interrupted,
            standardOutput: text(of: output), standardError: text(of: errors))
        if hangs { throw Hung(program: ([executable] + arguments).joined(separator: " "), result: result) }
        return result
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
        defer { for string in strings + variables { free(string) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, command[0], &actions, &attributes, &strings, &variables)
        guard code == 0 else {
            throw CannotStart(description: "cannot start \(executable): \(String(cString: strerror(code)))")
        }
        return child
    }

    private static func text(of file: URL) -> String {
        String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
    }
}
