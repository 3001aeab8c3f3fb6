/// What is wrong with a data file or folder, and what to do about it.
///
///     throw DatasetError(
///         path: "faces/a.pgm", problem: "is cut short: 100 of 32256 bytes of pixels are there",
///         remedy: "copy the file again")
///
/// Printed as "faces/a.pgm: is cut short: 100 of 32256 bytes of pixels are there. Remedy: copy the file again."
public struct DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, folder or source that is at fault.
    public let path: String
    /// What is wrong with it, as a predicate of `path`, without a full stop.
    public let problem: String
    /// What the user can do, as an order, without a full stop.
    public let remedy: String

    public init(path: String, problem: String, remedy: String) {
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    public var description: String { "\(path): \(problem). Remedy: \(remedy)." }
}
