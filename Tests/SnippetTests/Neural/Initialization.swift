import Datasets
import Foundation
import Numerics
import Stepping
import Training

@testable import Neural

func initializationExample() {
    let weights = Initialization.uniform(1 / Float(192).squareRoot())   // of a linear layer of 192 inputs
    let biases = Initialization.constant(0)
}
