// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func monotoneCubicExample() throws {
    let curve = MonotoneCubic(x: [0, 1, 3], y: [0, 2, 2.5])     // x strictly increasing
    let between = curve.value(at: 2)
    let area = curve.integral(from: 0.5, to: 2.5)               // a polynomial's, not a sum of samples
}
