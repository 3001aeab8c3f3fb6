import Foundation

/// What is wrong, where, and what to do about it: the error that every part of the program throws.
///
///     throw LloydError(
///         .input, at: "faces/a.pgm", problem: "is cut short: 100 of 32256 bytes of pixels are there",
///         remedy: "copy the file again")
///
/// Printed as "faces/a.pgm: is cut short: 100 of 32256 bytes of pixels are there. Remedy: copy the file again."
public struct LloydError: Error, Sendable, Equatable, CustomStringConvertible, LocalizedError, ExitCoded {
    /// What is at fault, for code that treats faults differently.
    public enum Kind: String, Sendable {
        /// Arguments, or the keys of a config.
        case usage
        /// A file, a folder or data that cannot be used, for another reason than the next two.
        case input
        /// Input that is damaged or in a form that is not read: reading it again finds the same.
        case damaged
        /// Input that the system could not give, or has no memory for: another attempt may succeed.
        case unavailable
        /// A file or folder that cannot be written.
        case output
        /// Settings that do not suit the data or the machines, or a key that does not suit the others.
        case unsuitable
        /// A number that is not finite.
        case notFinite
        /// A report that cannot be made of what it was given.
        case report
    }

    /// What is at fault.
    public let kind: Kind
    /// The file, folder, source or part of the program that is at fault.
    public let path: String
    /// The key, block or curve within it; empty if the path is enough.
    public let item: String
    /// What is wrong with it, as a predicate of `path`, without a full stop.
    public let problem: String
    /// What the user can do, as an imperative, without a full stop; empty for nothing.
    public let remedy: String

    /// - Parameters:
    ///   - path: what is at fault: a file, folder, source or part of the program.
    ///   - item: the key, block or curve within it, if any.
    ///   - problem: what is wrong, as a predicate of `path` ("is cut short").
    ///   - remedy: what to do, as an imperative ("copy the file again").
    public init(_ kind: Kind, at path: String, item: String = "", problem: String, remedy: String) {
        self.kind = kind
        self.path = path
        self.item = item
        self.problem = problem
        self.remedy = remedy
    }

    /// `path: item: problem. Remedy: remedy.` Names and problems may hold bytes of files: control characters are escaped.
    public var description: String {
        var text = [PrintableText.escaped(path), PrintableText.escaped(item), problem].filter { !$0.isEmpty }
            .joined(separator: ": ")
        if !text.hasSuffix(".") { text += "." }
        if !remedy.isEmpty { text += " Remedy: " + remedy + (remedy.hasSuffix(".") ? "" : ".") }
        return PrintableText.escaped(text, keeping: "\n")
    }

    /// `description`, for Foundation.
    public var errorDescription: String? { description }

    /// 2 for bad usage, otherwise 1.
    public var exitCode: Int32 { kind == .usage ? 2 : 1 }
}

extension LloydError {
    /// A failed system call on a file or folder that is written, of kind `.output`.
    /// - Parameters:
    ///   - what: what could not be done, such as "be made".
    ///   - code: the value of `errno`, which also chooses the remedy.
    ///
    ///     guard mkdir(path, 0o777) == 0 else { throw LloydError.system(path, cannot: "be made", code: errno) }
    ///     // report: cannot be made (Permission denied). Remedy: choose a folder that may be written to.
    public static func system(_ path: String, cannot what: String, code: Int32) -> LloydError {
        let remedy =
            switch code {
            case ENOENT: "make its folder first"
            case ENOTDIR: "choose another folder: a part of its path is a file"
            case EACCES, EPERM: "choose a folder and a file that may be written to"
            case EROFS: "choose another folder: this file system is read-only"
            case ENOSPC, EDQUOT: "free some space there, or choose another folder"
            case EISDIR: "choose the name of a file: this is a folder"
            case ENAMETOOLONG: "choose a shorter name"
            case ELOOP: "check the symbolic links of its path"
            case EPIPE: "check the program that reads the pipe: it has ended"
            case ENXIO: "start the program that is to read it first"
            case ETXTBSY: "end the program that runs from this file, or choose another name"
            case EFBIG: "choose another file system, or raise the limit of file sizes (ulimit -f)"
            default: "check the folder and its file system"
            }
        return LloydError(
            .output, at: path, problem: "cannot \(what) (\(String(cString: strerror(code))))", remedy: remedy)
    }
}
