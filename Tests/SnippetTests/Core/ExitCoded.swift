// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func exitCodedExample() throws {
    struct ConfigError: Error, ExitCoded { var exitCode: Int32 { 2 } }
    throw ConfigError()          // `Job.run` ends the job with 2
    // 1 failed, 2 bad usage or config, 75 stopped on a signal
}

private func hintedExample() throws {
    struct DiskFull: Error, Hinted { var hint: String? { "choose another folder with --run" } }
    throw DiskFull()             // `Job.run` prints the hint on a line of its own
}
