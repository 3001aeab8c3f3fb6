// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func pictureGridExample(original: Data, decoded: Data) throws {
    let row = PictureGrid.Row("Person 7", [
        .init(png: original, stem: "person7-original", caption: ["original"]),
        .init(png: decoded, stem: "person7-layer20", caption: ["20 layers", "26.1 dB"])])
    let grid = PictureGrid(rows: [row], caption: "Reconstructions of test images.")
}
