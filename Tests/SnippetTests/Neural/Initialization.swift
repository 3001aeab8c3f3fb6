// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func initializationExample() {
    let weights = Initialization.uniform(1 / Float(192).squareRoot())   // of a linear layer of 192 inputs
    let biases = Initialization.constant(0)
}
