import Core
import Foundation

/// A command that is given names of data, which may be made of any bytes. All its other arguments must be UTF-8.
protocol DataNaming {
    /// The values of those arguments, as they were given.
    var dataNames: [String] { get }
}

/// Refuses arguments that are not UTF-8 before anything is done with them.
///
/// Names of files are bytes. Data are read whatever bytes their names are made of (`FileName`). What is written, and run
/// folders, need names in UTF-8: otherwise a file or folder of another name would be made.
enum ByteNames {
    /// - Parameters:
    ///   - arguments: all of them, as `FileName.text` has them.
    ///   - dataNames: those that may be made of any bytes.
    /// - Throws: `LloydError` naming the option and the value.
    static func check(_ arguments: [String], dataNames: [String]) throws {
        var allowed = dataNames
        for (index, argument) in arguments.enumerated() where !FileName.isText(argument) {
            if let known = allowed.firstIndex(where: { argument == $0 || argument.hasSuffix("=" + $0) }) {
                allowed.remove(at: known)
                continue
            }
            let option = index > 0 && arguments[index - 1].hasPrefix("--") && !argument.hasPrefix("-")
            let named = (option ? arguments[index - 1] + " " : "") + argument
            throw LloydError(
                .usage, at: named, problem: "is not UTF-8, and only names of data may be so",
                remedy: "choose a name in UTF-8; a file or folder that exists can be given a link with such a name")
        }
    }
}
