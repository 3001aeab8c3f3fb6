import Foundation

/// The only writer of what people read while the program runs: results on standard output, messages on standard error.
///
///     Terminal.prepare()                                     // first of all
///     Terminal.say("Note: 3 files were left out")            // standard error, never fails
///     Terminal.show("PSNR 32.1 dB")                          // standard output
///     exit(Terminal.exitCode(after: 0))                      // 0, or what a broken standard output makes of it
///
/// Neither ever ends the program by itself. A full disk, a closed terminal or a reader that has gone is remembered, and
/// what follows is dropped.
public enum Terminal {
    /// What a standard output that can no longer be written means for the program.
    package enum Purpose: Sendable {
        /// Standard output is the result: a program that cannot write it has failed (quietly, if its reader has gone).
        case result
        /// Standard output only shows progress: the work continues.
        case progress
    }

    private static let lock = NSLock()
    nonisolated(unsafe) private static var purpose = Purpose.result
    nonisolated(unsafe) private static var failure: Int32 = 0
    nonisolated(unsafe) private static var showsOnStandardError = false

    /// Ignores SIGPIPE, and opens descriptors 0 to 2 on /dev/null if the caller has closed them, so that no file of ours
    /// gets their numbers. Call it before anything opens a file.
    package static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is the one that is missing.
            let opened = open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
            if opened >= 0 && opened != descriptor {
                dup2(opened, descriptor)
                close(opened)
            }
        }
    }

    /// Sets what standard output is for; `.result` by default.
    package static func use(standardOutputFor purpose: Purpose) {
        lock.withLock { self.purpose = purpose }
    }

    /// Makes `show` write to standard error from here on, because a file is written to standard output.
    package static func showOnStandardError() { lock.withLock { showsOnStandardError = true } }

    /// Writes a message to standard error, in one write if the system can, so that lines of several ranks do not mix.
    /// Control characters are escaped.
    public static func say(_ text: String, terminator: String = "\n") {
        _ = put(PrintableText.escaped(text, keeping: "\n\t") + terminator, STDERR_FILENO)
    }

    /// Writes to standard error what moves the cursor, such as a line that is written over.
    public static func draw(_ text: String) { _ = put(text, STDERR_FILENO) }

    /// Writes a result to standard output. After a failure, what follows is dropped. Control characters are escaped.
    public static func show(_ text: String, terminator: String = "\n") {
        let text = PrintableText.escaped(text, keeping: "\n\t") + terminator
        lock.withLock {
            if showsOnStandardError {
                _ = put(text, STDERR_FILENO)
            } else if failure == 0 {
                failure = put(text, STDOUT_FILENO)
            }
        }
    }

    /// The exit code of the program, given the one it would have without failures of output; says why if they differ.
    package static func exitCode(after code: Int32) -> Int32 {
        fflush(stdout)
        let (failure, purpose) = lock.withLock { (self.failure, self.purpose) }
        guard failure != 0 else { return code }
        if failure != EPIPE {
            let what = purpose == .result ? "the result" : "some of the progress"
            say("standard output: \(what) could not be written (\(String(cString: strerror(failure)))).")
        }
        guard code == 0, purpose == .result else { return code }
        // As programs end that the signal kills: 128 + 13 for the shell.
        return failure == EPIPE ? 128 + SIGPIPE : 1
    }

    private static func put(_ text: String, _ descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { DescriptorWriting.write(UnsafeRawBufferPointer($0), to: descriptor) }
    }
}
