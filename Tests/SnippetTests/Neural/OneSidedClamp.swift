import Datasets
import Foundation
import Numerics
import Stepping
import Training

@testable import Neural

func oneSidedClampExample(x: Value, tape: Tape) {
    let bounded = oneSidedClamp(x, to: -1...1, on: tape)
}
