// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func pngChunksExample(bytes: [UInt8]) throws {
    let file = try PNGChunks.essential(bytes, path: "a.png")
}
