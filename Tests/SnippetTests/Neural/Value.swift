// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func valueExample(layer: Linear, tape: Tape) {
    let x = tape.input(rows: 256, columns: 2)
    x.data[0] = 1                                           // filled by the caller before `forward`
    let y = layer(x, on: tape)
    let first = y.data[0]                                   // valid after `forward`
}
