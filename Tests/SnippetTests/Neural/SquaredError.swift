import Datasets
import Foundation
import Numerics
import Stepping
import Training

@testable import Neural

func squaredErrorExample(lambda: Double, batch: Int, dimension: Int, reconstruction: Value, x: Value, tape: Tape) {
    let distortion = tape.term("distortion")
    distortion.weight = lambda / Double(batch * dimension)
    squaredError(reconstruction, x, term: distortion, on: tape)
}
