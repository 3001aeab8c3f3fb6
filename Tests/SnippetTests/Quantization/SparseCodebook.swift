// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func sparseCodebookExample() {
    let codebook = SparseCodebook(dimension: 32256, active: [0, 1, 5], codewords: 256)
    codebook.values[7, 2] = 0.5                             // codeword 7, dimension 5
    let entries = codebook.values.row(7)                    // of codeword 7 on the active dimensions
}
