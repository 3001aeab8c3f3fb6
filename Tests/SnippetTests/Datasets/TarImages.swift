// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func tarImagesExample() throws {
    let images = try TarImages("shards-{0..1}.tar", paths: BracePattern.expand("shards-{0..1}.tar"))
    images.count
    try images.image(17, pixelLimit: 64 << 20)    // decoded now; nothing is kept
}
