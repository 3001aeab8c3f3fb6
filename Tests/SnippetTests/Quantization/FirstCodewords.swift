import Quantization

// swift-format-ignore
private func firstCodewordsExample(allocation: ReverseWaterFilling) throws {
    let initialization = FirstCodewords.plusPlus.initialization(variances: allocation.codewordVariances)
    let settings = LloydTraining.Settings(codewords: 256, iterations: 8, initialization: initialization)
}
