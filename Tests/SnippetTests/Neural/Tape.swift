// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func tapeExample(
    parameters: ParameterSet, encoder: Linear, decoder: Linear, gradients: UnsafeMutablePointer<Float>
) {
    let tape = Tape(parameters: parameters)
    let x = tape.input(rows: 256, columns: 2)
    let y = decoder(encoder(x, on: tape), on: tape)
    squaredError(x, y, term: tape.term("distortion"), on: tape)
    tape.forward()
    tape.backward(into: gradients) { _ in }
}
