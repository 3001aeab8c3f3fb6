// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func codecChartExample(_ codecs: [ComparedCodec]) throws {
    let charts = CodecChart(codecs)
    charts.chart(.psnr)                                     // PSNR over bits per pixel
    charts.chart(.msSSIM, logarithmic: true)                // nil if no codec has an MS-SSIM
}
