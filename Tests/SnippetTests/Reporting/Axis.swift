// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func axisExample() throws {
    let rate = Axis("Rate", unit: "bits per pixel", scale: .log10)
    let layer = Axis("Layer", from: 1, to: 100, ticks: [1, 25, 50, 100])
    let quality = Axis("PSNR", unit: "dB", from: 22)           // the upper end follows the data
}
