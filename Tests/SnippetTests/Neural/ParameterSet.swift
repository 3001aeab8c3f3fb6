// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func parameterSetExample() {
    let parameters = ParameterSet()
    let layer = Linear(inputs: 2, outputs: 192, name: "analysis.0", in: parameters)
    parameters.initialize(seed: 1)                          // the same on every rank
    let floats = parameters.count                           // padding included
}
