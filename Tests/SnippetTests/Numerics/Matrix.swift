// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func matrixExample(codebook: Matrix) {
    let vectors = Matrix(rows: 1000, columns: 64)          // zeros
    vectors[3, 5] = 1.5
    vectors.row(3).update(repeating: 0)                    // one vector, in place
    let both = matrixProduct(vectors, codebook, transposeB: true)
}
