// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func ownCodecExample(curve: RateDistortionCurve, points: [OwnCodec.Point], json: JSONValue) throws {
    OwnCodec(name: "NVTC", rates: "entropy model", curve: curve, points: points, images: ["kodak"], published: json)
}
