// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Foundation

private func outputFileExample(pngBytes: Data) throws {
    try OutputFile.check("face.png", against: ["face.lloyd"])   // before the work: can it be written, is it an input?
    try OutputFile.write(pngBytes, to: "face.png")
    // after a crash at any moment face.png is the old file or the new one, never a part
}

private func outputFileInPiecesExample(blocks: [Data]) throws {
    try OutputFile.write(to: "codes.npy") { file in
        for block in blocks { try file.append(block) }
    }
}
