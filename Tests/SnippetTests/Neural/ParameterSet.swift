import Datasets
import Foundation
import Numerics
import Stepping
import Training

@testable import Neural

func parameterSetExample() {
    let parameters = ParameterSet()
    let layer = Linear(inputs: 2, outputs: 192, name: "analysis.0", in: parameters)
    parameters.initialize(seed: 1)                          // the same on every rank
    let floats = parameters.count                           // padding included
}
