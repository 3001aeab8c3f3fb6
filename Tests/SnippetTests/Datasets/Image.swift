// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func imageExample() throws {
    let image = try Image(path: "kodim01.png").gray()
    let small = image.resized(width: 96, height: 64)
    try small.writePNG(to: "small.png")
    small[0, 10, 20]                              // channel 0, row 10, column 20
}
