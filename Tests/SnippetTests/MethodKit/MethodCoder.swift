// Lines stand as in the doc comments.
// swift-format-ignore-file
import CodebookStudy
import Codec
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
import RRQ
import Reporting
import Stepping
import Training

@testable import MethodKit

private func methodCoderExample(image: Image) throws {
    let coder = try NVTCCoder.encoder(CodingOptions(models: ["runs/nvtc-small"], lambda: 256))
    let coded = try coder.encode(image, name: "photo.png")
}
