// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func tarHeaderExample(block: ArraySlice<UInt8>, offset: Int) throws {
    let header = try TarHeader(block, at: offset, path: "shards-000.tar")      // nil for a block of zeros
    header?.size                                                               // bytes that follow
}
