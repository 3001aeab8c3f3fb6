// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func residualBlockExample(parameters: ParameterSet, x: Value, tape: Tape) {
    let block = ResidualBlock(width: 192, hidden: 192, name: "analysis.1", in: parameters)
    let y = block(x, on: tape)                              // the shape of x
    let shape = block.first.weight.shape                    // [hidden, width]
}
