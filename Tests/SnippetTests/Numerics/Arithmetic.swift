// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func arithmeticExample(x: UnsafePointer<Float>, w: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>) {
    gemm(rows: 256, columns: 96, inner: 192, a: x, b: w, transposeB: true, c: y, arithmetic: .reproducible)
}
