// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func imageFileExample() throws {
    let header = try ImageHeader(path: "faces/a.pgm")     // reads the header alone
    header.shape                                          // 168x192 gray
}
