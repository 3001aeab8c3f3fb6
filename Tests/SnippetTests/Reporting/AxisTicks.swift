// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func axisTicksExample(_ domain: AxisDomain) throws {
    let ticks = AxisTicks(domain, atMost: 8)
    ticks.major.map(\.label)                   // ["0", "20", "40", "60", "80", "100"]
    ticks.minor                                // marks without labels; logarithmic axes only
}
