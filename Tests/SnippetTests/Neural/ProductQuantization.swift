// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func productQuantizationExample(
    parameters: ParameterSet, residuals: Value, logits: Value, terms: ProductQuantization.Terms, lambda: Float,
    tape: Tape
) {
    let quantizer = ProductQuantization(
        positions: 16, codewords: 128, dimension: 4, name: "quantizer.0.0", in: parameters)
    let operation = quantizer(residuals, conditionalLogits: logits, terms: terms, on: tape)
    operation.rateWeight = 1 / lambda                       // what a bit counts for in squared distance
    let quantized = operation.result                        // rows x dimension, codewords
}
