// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func squaredDistanceExample(vector: UnsafePointer<Float>, codeword: UnsafePointer<Float>) {
    let error = squaredDistance(vector, codeword, dimension: 64)
}
