// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics

private func varianceDecayingGaussianExample(vectors: Matrix) throws {
    let train = VarianceDecayingGaussian(
        count: 1000, dimension: 1000, decay: 0.01, seed: 1, purpose: .syntheticTrain)
    try train.read(0, into: vectors.row(0))       // component j (from 1) has variance exp(-0.01 j)
    train.variances[0]                            // exp(-0.01)
}
