// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func linearExample(parameters: ParameterSet, x: Value, tape: Tape) {
    let layer = Linear(inputs: 2, outputs: 192, name: "analysis.0", in: parameters)
    let y = layer(x, on: tape)                              // rows x 192
    let shape = layer.weight.shape                          // [192, 2]
}
