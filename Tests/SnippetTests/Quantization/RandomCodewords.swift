import Numerics
import Stepping
import Training

@testable import Quantization

func randomCodewordsExample(codebook: Matrix, allocation: ReverseWaterFilling) {
    codebook.fillWithGaussianCodewords(variances: allocation.codewordVariances, seed: 1, step: 0)
}
