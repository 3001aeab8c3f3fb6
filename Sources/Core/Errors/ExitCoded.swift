/// An error with an exit code for the program that it ends; other errors end it with 1.
///
///     struct ConfigError: Error, ExitCoded { var exitCode: Int32 { 2 } }
///     throw ConfigError()          // `Job.run` ends the job with 2
///     // 1 failed, 2 bad usage or config, 75 stopped on a signal
public protocol ExitCoded: Error {
    /// The exit code, not 0.
    var exitCode: Int32 { get }
}

/// An error with advice beyond its own text.
///
///     struct DiskFull: Error, Hinted { var hint: String? { "choose another folder with --run" } }
///     throw DiskFull()             // `Job.run` prints the hint on a line of its own
public protocol Hinted: Error {
    /// What the user can do about it; nil for no advice.
    var hint: String? { get }
}
