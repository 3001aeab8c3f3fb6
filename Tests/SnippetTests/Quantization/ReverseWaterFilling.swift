// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func reverseWaterFillingExample(sourceVariances: [Double]) {
    let allocation = ReverseWaterFilling(variances: sourceVariances, rate: 8)           // log2 of 256 codewords
    let active = allocation.active                          // dimensions whose variance exceeds the water level
    let variances = allocation.codewordVariances            // sigma_C^2 of each of them
}
