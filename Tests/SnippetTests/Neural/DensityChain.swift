import Datasets
import Foundation
import Numerics
import Stepping
import Training

@testable import Neural

func densityChainExample(
    chain: DensityChain, matrices: UnsafePointer<Float>, biases: UnsafePointer<Float>, factors: UnsafePointer<Float>,
    latents: Lanes
) {
    chain.load(matrices: matrices, biases: biases, factors: factors)
    let probability = chain.probability(of: latents)
    let slope = chain.backward(of: latents, weight: 1, lanes: 8)
}
