// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func compressAIResultsExample() throws {
    let vtm = try CompressAIResults(path: "curves/vtm.json")
    print(vtm.name, vtm.metrics)                               // "VTM" ["bpp", "psnr-rgb"]
    let curve = try vtm.curve(quality: "psnr-rgb")
}
