// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func vrKMeansExample(variances: [Double], active: any ShardedVectors) throws {
    let allocation = ReverseWaterFilling(variances: variances, rate: 8)
    let method = VRKMeans(allocation: allocation, codewords: 256, lambda: 10, seed: 1, step: 0)
    let training = try LloydTraining(
        vectors: active, settings: .init(codewords: 256, iterations: 8), update: method, seed: 1)
}
