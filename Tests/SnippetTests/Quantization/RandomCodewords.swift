// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func randomCodewordsExample(codebook: Matrix, allocation: ReverseWaterFilling) {
    codebook.fillWithGaussianCodewords(variances: allocation.codewordVariances, seed: 1, step: 0)
}
