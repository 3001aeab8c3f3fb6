import Foundation
import Numerics

/// Codewords with the lengths of their codes: vectors are encoded by rate and distortion together.
///
///     let encoder = codebook.makeEncoder(threads: 1)
///     encoder.assign(vectors, count: n, indices: indices, squaredDistances: nil)
///     let bits = codebook.codeLengths[Int(indices[0])]        // of the first vector
///
/// A vector x takes the codeword that minimizes lambda ||x - c||^2 + its bits; with lambda per dimension of squared error
/// and per dimension of bits, as everywhere, the dimension cancels.
public struct EntropyConstrainedCodebook: Sendable {
    /// K x dimension.
    public let codewords: Matrix
    /// Probability of each codeword in training, all above 0, their sum 1 within rounding.
    public let probabilities: [Double]
    /// Bits of each codeword: -log2 of its probability.
    public let codeLengths: [Double]
    /// Weight of squared error against bits; nil for plain VQ: bits then do not count in the choice.
    public let lambda: Double?

    /// Code lengths follow from the probabilities.
    /// - Precondition: a probability above 0 for each row of `codewords`, and at least one.
    public init(codewords: Matrix, probabilities: [Double], lambda: Double?) {
        precondition(codewords.rows == probabilities.count && !probabilities.isEmpty)
        precondition(probabilities.allSatisfy { $0 > 0 }, "a codeword without probability cannot be coded")
        self.codewords = codewords
        self.probabilities = probabilities
        codeLengths = probabilities.map { -log2($0) }
        self.lambda = lambda
    }

    /// The length of a codeword.
    public var dimension: Int { codewords.columns }
    /// K, the number of codewords.
    public var count: Int { codewords.rows }

    /// What each codeword adds to the squared distance: bits / lambda.
    var penalties: [Float] {
        guard let lambda else { return Array(repeating: 0, count: count) }
        return codeLengths.map { Float($0 / lambda) }
    }

    /// Encodes vectors with this codebook; `assign` may run on `threads` threads at once.
    public func makeEncoder(threads: Int) -> PenalizedSearch {
        let search = PenalizedSearch(dimension: dimension, threads: threads)
        search.prepare(codewords.pointer, penalties: penalties, count: count)
        return search
    }
}
