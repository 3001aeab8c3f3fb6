// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func rateDistortionCurveExample(anchor: RateDistortionCurve) throws {
    let curve = RateDistortionCurve(name: "RRQ", rates: [0.1, 0.2, 0.4, 0.8], qualities: [24.0, 26.1, 28.4, 31.0])
    let saving = try BjontegaardDelta.rate(of: curve, against: anchor)        // -12.3: 12.3 % fewer bits
}
