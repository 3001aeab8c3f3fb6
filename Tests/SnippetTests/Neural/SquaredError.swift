// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func squaredErrorExample(
    lambda: Double, batch: Int, dimension: Int, reconstruction: Value, x: Value, tape: Tape
) {
    let distortion = tape.term("distortion")
    distortion.weight = lambda / Double(batch * dimension)
    squaredError(reconstruction, x, term: distortion, on: tape)
}
