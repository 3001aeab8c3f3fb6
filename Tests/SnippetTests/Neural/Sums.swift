// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func sumsExample1(block: ResidualBlock, x: Value, tape: Tape) {
    let y = add(x, block(x, on: tape), on: tape)            // a skip around a chain of layers
}

private func sumsExample2(latents: Value, prediction: Value, tape: Tape) {
    let residual = subtract(latents, prediction, on: tape)
}
