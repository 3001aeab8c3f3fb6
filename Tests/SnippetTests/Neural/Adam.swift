// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func adamExample(
    parameters: ParameterSet, gradients: UnsafePointer<Float>, team: Team, range: Range<Int>
) throws {
    let adam = Adam(parameters: parameters)
    try adam.step(gradients, rate: 1e-3, team: team)        // the same bytes on every rank
    adam.forget(range)                                      // state of parameters that start anew
}
