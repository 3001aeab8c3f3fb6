// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func oneSidedClampExample(x: Value, tape: Tape) {
    let bounded = oneSidedClamp(x, to: -1...1, on: tape)
}
