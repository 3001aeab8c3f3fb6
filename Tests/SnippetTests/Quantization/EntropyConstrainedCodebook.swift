// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func entropyConstrainedCodebookExample(
    codebook: EntropyConstrainedCodebook, vectors: UnsafePointer<Float>, n: Int, indices: UnsafeMutablePointer<Int32>
) {
    let encoder = codebook.makeEncoder(threads: 1)
    encoder.assign(vectors, count: n, indices: indices, squaredDistances: nil)
    let bits = codebook.codeLengths[Int(indices[0])]        // of the first vector
}
