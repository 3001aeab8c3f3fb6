// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func codebookQuantizationExample(
    parameters: ParameterSet, latents: Value, bits: Term, distance: Term, lambda: Float, tape: Tape
) {
    let quantization = CodebookQuantization(codewords: 256, dimension: 2, constrained: true, name: "vq", in: parameters)
    let operation = quantization(latents, bits: bits, distance: distance, on: tape)
    operation.rateWeight = 1 / lambda                       // what a bit counts for in squared distance
    let quantized = operation.result                        // rows x dimension, codewords
}
