// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func densityChainExample(
    chain: DensityChain, matrices: UnsafePointer<Float>, biases: UnsafePointer<Float>, factors: UnsafePointer<Float>,
    latents: Lanes
) {
    chain.load(matrices: matrices, biases: biases, factors: factors)
    let probability = chain.probability(of: latents)
    let slope = chain.backward(of: latents, weight: 1, lanes: 8)
}
