// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Foundation

private func lloydErrorExample() throws {
    throw LloydError(
        .input, at: "faces/a.pgm", problem: "is cut short: 100 of 32256 bytes of pixels are there",
        remedy: "copy the file again")
}

private func systemErrorExample(path: String) throws {
    guard mkdir(path, 0o777) == 0 else { throw LloydError.system(path, cannot: "be made", code: errno) }
    // report: cannot be made (Permission denied). Remedy: choose a folder that may be written to.
}
