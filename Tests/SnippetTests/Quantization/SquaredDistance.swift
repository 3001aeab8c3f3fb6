import Numerics
import Stepping
import Training

@testable import Quantization

func squaredDistanceExample(vector: UnsafePointer<Float>, codeword: UnsafePointer<Float>) {
    let error = squaredDistance(vector, codeword, dimension: 64)
}
