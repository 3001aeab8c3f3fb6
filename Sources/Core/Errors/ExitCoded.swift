/// An error that knows the exit code its program should end with; others end with 1.
///
///     struct ConfigError: Error, ExitCoded { var exitCode: Int32 { 2 } }
///     throw ConfigError()          // `Job.run` ends the job with 2
///     // 1 failed, 2 bad usage or config, 75 stopped on a signal
public protocol ExitCoded: Error {
    var exitCode: Int32 { get }
}

/// An error that knows what its reader can do about it, beyond its own text.
///
///     struct DiskFull: Error, Hinted { var hint: String? { "choose another folder with --run" } }
///     throw DiskFull()             // `Job.run` prints the hint on a line of its own
///     // nil when there is nothing to say
public protocol Hinted: Error {
    var hint: String? { get }
}
