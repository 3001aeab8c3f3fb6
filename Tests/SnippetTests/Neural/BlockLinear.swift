// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func blockLinearExample(parameters: ParameterSet, x: Value, tape: Tape) {
    let layer = BlockLinear(block: 4, channels: 192, name: "unit.0.block", in: parameters)
    let y = layer(x, on: tape)                              // the shape of x
    // y[to, c] = x[to, c] + bias[to, c] + sum over from of x[from, c] weight[from, to, c], block by block
}
