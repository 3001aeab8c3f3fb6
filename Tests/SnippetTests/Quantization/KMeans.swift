// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func kMeansExample(samples: [Float]) throws {
    let vectors = Matrix(rows: 1000, columns: 2, samples)
    let fitted = try KMeans(codewords: 16).fit(vectors)
    let codebook = fitted.codebook                          // 16 x 2
    let error = fitted.distortion                           // squared error per vector
    let indices = fitted.codewords(of: vectors)             // the codeword of each vector, from 0
}
