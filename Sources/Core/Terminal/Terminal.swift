import Foundation

/// The one writer of what people read while the program runs: results on standard output, messages on standard error.
///
///     Terminal.prepare()                                     // first of all
///     Terminal.say("Note: 3 files were left out")            // standard error, never fails
///     Terminal.show("PSNR 32.1 dB")                          // standard output
///     exit(Terminal.exitCode(after: 0))                      // 0, or what a broken standard output makes of it
///
/// Neither ever ends the program by itself: a full disk, a closed terminal and a reader that has gone are remembered,
/// and what follows is dropped.
public enum Terminal {
    /// What the program does when nobody reads its standard output any more.
    public enum Purpose: Sendable {
        /// Standard output is the result: without a reader the program ends, quietly.
        case result
        /// Standard output only tells how things are going: the work goes on.
        case progress
    }

    private static let lock = NSLock()
    nonisolated(unsafe) private static var purpose = Purpose.result
    nonisolated(unsafe) private static var failure: Int32 = 0

    /// Ignores SIGPIPE, and opens descriptors 0 to 2 on /dev/null if the caller has closed them, so that no file of ours
    /// gets their numbers. Call it before anything opens a file.
    public static func prepare() {
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

    /// Says what standard output is for; `.result` unless told.
    public static func use(standardOutputFor purpose: Purpose) {
        lock.withLock { self.purpose = purpose }
    }

    /// Writes to standard error, as one write if the system can, so that lines of several ranks do not mix.
    public static func say(_ text: String, terminator: String = "\n") {
        _ = put(text + terminator, STDERR_FILENO)
    }

    /// Writes to standard output. After a failure, what follows is dropped.
    public static func show(_ text: String, terminator: String = "\n") {
        let ends: Bool = lock.withLock {
            guard failure == 0 else { return false }
            failure = put(text + terminator, STDOUT_FILENO)
            return failure == EPIPE && purpose == .result
        }
        // As programs end that the signal kills: 128 + 13 for the shell.
        if ends { exit(128 + SIGPIPE) }
    }

    /// The code that the program should end with, given the one it would have ended with; says why if they differ.
    public static func exitCode(after code: Int32) -> Int32 {
        fflush(stdout)
        let (failure, purpose) = lock.withLock { (self.failure, self.purpose) }
        guard failure != 0 else { return code }
        if failure != EPIPE {
            say(
                "standard output: \(purpose == .result ? "the result" : "some of the progress") could not be written "
                    + "(\(String(cString: strerror(failure)))).")
        }
        return code == 0 && purpose == .result ? 1 : code
    }

    private static func put(_ text: String, _ descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { DescriptorWriting.write(UnsafeRawBufferPointer($0), to: descriptor) }
    }
}
