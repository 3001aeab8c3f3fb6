// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func blockProductExample(
    weights: UnsafePointer<Float>, packed: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    y: UnsafeMutablePointer<Float>
) {
    let product = BlockProduct(pixels: 16, channels: 192)
    product.pack(weights, into: packed)                     // once for each change of the weights
    product.forward(x, blocks: 256, packed: packed, bias: bias, output: y)
    // y[to, c] = x[to, c] + bias[to, c] + sum over from of x[from, c] weights[from, to, c]
}
