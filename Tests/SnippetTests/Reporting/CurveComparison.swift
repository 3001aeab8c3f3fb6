// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func curveComparisonExample(ours: RateDistortionCurve, jpeg: RateDistortionCurve) throws {
    let delta = CurveComparison(ours, against: jpeg, .codecs)
    delta.rate                                              // -31.2: 31.2 % fewer bits at the same PSNR
    delta.share                                             // 0.8 of our PSNRs are JPEG's, too
    delta.problem                                           // nil, or "the curves have no PSNRs in common"
}
