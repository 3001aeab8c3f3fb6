// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func varianceRegularizedUpdateExample(
    targets: [Double], z: UnsafePointer<Float>, a: [Float], codebook: Matrix, dimension: Int
) {
    let update = VarianceRegularizedUpdate(targets: targets, lambda: 10, seed: 1, step: 0)
    update.solve(sums: z, counts: a, codebook: codebook, columns: 0..<dimension)
}
