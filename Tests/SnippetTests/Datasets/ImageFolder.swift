// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func imageFolderExample(row: UnsafeMutableBufferPointer<Float>) throws {
    let faces = try ImageFolder("cropped-yale", color: .gray)
    faces.count                                   // 2414
    faces.group(0)                                // "yaleB01", the folder the image lies in
    try faces.read(0, into: row)                  // 168 * 192 samples between 0 and 1
}
