// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func bjontegaardDeltaExample(lloyd: RateDistortionCurve, vtm: RateDistortionCurve) throws {
    let percent = try BjontegaardDelta.rate(of: lloyd, against: vtm)       // below zero: fewer bits, same quality
    let decibel = try BjontegaardDelta.quality(of: lloyd, against: vtm)       // above zero: better, same rate
    // errors: fewer than two points, no common interval, a rate that is not positive, a value twice
}
