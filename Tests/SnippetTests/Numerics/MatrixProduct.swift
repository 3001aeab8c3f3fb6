// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func matrixProductExample(
    vectors: UnsafePointer<Float>, codewords: UnsafePointer<Float>, products: UnsafeMutablePointer<Float>
) {
    // 256 vectors against 512 codewords of 64 dimensions
    gemm(rows: 256, columns: 512, inner: 64, a: vectors, b: codewords, transposeB: true, bStride: 64, c: products)
}
