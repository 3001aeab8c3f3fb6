// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func encodedImagesExample() throws {
    let images = try openImages("photos")         // or "photos.tar", or "photos-{000..127}.tar"
    images.file(0)                                // "berlin/a.jpg"
    let first = try images.image(0, pixelLimit: 64 << 20)
}
