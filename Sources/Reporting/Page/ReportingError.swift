import Foundation

/// What went wrong while a report was made or a curve was read: where, which item, why, and what to do.
///
///     do { try page.write(to: folder, data: results) } catch let error as ReportingError { print(error) }
///     // report/index.html: cannot be written: No space left on device. Free some space there, or ...
public struct ReportingError: Error, Equatable, CustomStringConvertible, LocalizedError, Sendable {
    /// The file's path, or the part of the report.
    public let place: String
    /// The key, block or curve concerned; empty if the place says it all.
    public let item: String
    public let problem: String
    public let remedy: String

    public init(place: String, item: String = "", problem: String, remedy: String) {
        self.place = place
        self.item = item
        self.problem = problem
        self.remedy = remedy
    }

    public var description: String {
        "\(place): \(item.isEmpty ? "" : item + ": ")\(problem). \(remedy)"
    }

    public var errorDescription: String? { description }

    /// A failed system call on a path.
    static func system(_ path: String, doing: String, code: Int32) -> ReportingError {
        let remedy =
            switch code {
            case ENOSPC, EDQUOT: "Free some space there, or choose another folder."
            case EACCES, EPERM: "Check the permissions of the folder, or choose another one."
            case EROFS: "The file system is read-only: choose another folder."
            case ENOTDIR, EEXIST: "Something that is not a folder is in the way: move it, or choose another folder."
            case ENOENT: "Check that the folder exists and that nothing removes it meanwhile."
            case ENAMETOOLONG: "Choose a shorter name."
            default: "Check the folder and its file system."
            }
        return ReportingError(
            place: path, problem: "cannot \(doing): \(String(cString: strerror(code)))", remedy: remedy)
    }
}
