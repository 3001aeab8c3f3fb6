// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func stopGradientExample(analysis: Linear, x: Value, tape: Tape) {
    let latents = stopGradient(analysis(x, on: tape), on: tape)   // only what follows is trained
}
