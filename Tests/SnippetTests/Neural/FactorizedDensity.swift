// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func factorizedDensityExample(parameters: ParameterSet, noisy: Value, tape: Tape) {
    let density = FactorizedDensity(dimensions: 2, name: "density", in: parameters)
    density.rate(of: noisy, term: tape.term("bits"), on: tape)
    // term = sum over all latents of -log2 P(latent)
}
