// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func convolutionalResidualBlockExample(parameters: ParameterSet, x: Value, tape: Tape) {
    let block = ConvolutionalResidualBlock(width: 192, name: "down.0.res.1", in: parameters)
    let y = block(x, grid: PixelGrid(height: 64, width: 64, block: 4), on: tape)    // the shape of x
    let shape = block.firstWeight.shape                     // [3, 3, 192, 192]
}
