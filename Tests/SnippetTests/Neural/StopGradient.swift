import Datasets
import Foundation
import Numerics
import Stepping
import Training

@testable import Neural

func stopGradientExample(analysis: Linear, x: Value, tape: Tape) {
    let latents = stopGradient(analysis(x, on: tape), on: tape)   // only what follows is trained
}
