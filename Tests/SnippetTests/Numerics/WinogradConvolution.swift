// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func winogradConvolutionExample(
    grid: PixelGrid, weights: UnsafePointer<Float>, points: UnsafeMutablePointer<Float>, x: UnsafePointer<Float>,
    memory: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>
) {
    let layer = WinogradConvolution(grid: grid, inputs: 192, outputs: 192)
    layer.transform(weights, into: points)                  // once for each change of the weights
    layer.forward(x, points: points, scratch: memory, bias: bias, output: .plain(y))
}
