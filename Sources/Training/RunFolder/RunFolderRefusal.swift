import Messaging

/// A run folder that this start must not use: nothing in it was touched. Starting again does not help, so the exit code is 2.
///
///     throw RunFolderRefusal(path: "project", problem: "is not a run folder", remedy: "choose another folder with --run")
public struct RunFolderRefusal: Error, ExitCoded, CustomStringConvertible, Sendable {
    /// The folder, or what else is refused.
    public let path: String
    /// What is wrong, without a subject: it follows the path.
    public let problem: String
    /// What the user can do.
    public let remedy: String

    /// A refusal.
    public init(path: String, problem: String, remedy: String) {
        (self.path, self.problem, self.remedy) = (path, problem, remedy)
    }

    /// 2: starting again does not help.
    public var exitCode: Int32 { 2 }

    public var description: String { "\(path): \(problem)\n  Remedy: \(remedy)" }
}
