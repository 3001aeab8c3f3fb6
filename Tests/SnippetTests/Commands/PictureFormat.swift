// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Messaging
import MethodKit
import Training

@testable import Commands

private func pictureFormatExample(image: Image) throws {
    let format = try PictureFormat(of: "photo.ppm")         // before any work: an ending that there is
    try OutputFile.write(format.data(of: image, for: "photo.ppm"), to: "photo.ppm")
}
