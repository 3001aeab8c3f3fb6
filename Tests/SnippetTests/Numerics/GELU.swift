// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func geluExample(
    pre: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, activations: UnsafeMutablePointer<Float>
) {
    biasAndGELU(pre, bias, rows: 256, columns: 192, output: activations)
    // `pre` now holds GELU'(pre + bias): all that the backward pass needs
}
