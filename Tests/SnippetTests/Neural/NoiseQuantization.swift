// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func noiseQuantizationExample(latents: Value, tape: Tape) {
    let quantization = NoiseQuantization()
    let noisy = quantization(latents, on: tape)
    quantization.noise.elements[0] = 0.25                   // u, drawn by the caller by counter before `forward`
    quantization.mode = .rounding                           // at test time: to offset + integer * step
}
