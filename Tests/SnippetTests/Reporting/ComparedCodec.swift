// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func comparedCodecExample(_ record: EvaluationRecord) throws {
    let webp = ComparedCodec(record, name: "WebP")          // an evaluation
    webp.psnr.rates                                         // bits per pixel, lowest first
    webp.msSSIM?.qualities                                  // −10 log10(1 − MS-SSIM), in dB
}
