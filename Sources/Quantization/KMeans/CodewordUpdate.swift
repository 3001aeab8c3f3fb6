import Numerics
import Stepping

/// The statistics of one pass over all vectors, as an update of the codewords sees them.
public struct AssignmentStatistics {
    /// Z: codewords x dimension, row-major; the sum of each codeword's vectors.
    public let sums: UnsafePointer<Float>
    /// Vectors of each codeword.
    public let counts: UnsafeBufferPointer<Double>
    /// Summed squared error of each codeword's vectors.
    public let distortions: UnsafeBufferPointer<Double>
    /// The pass these belong to, from 0.
    public let iteration: Int
}

/// How codewords follow from the statistics of a pass: the M-step of Lloyd's iteration.
public protocol CodewordUpdate {
    /// Replaces all codewords. Called with the same bytes on every rank, and must give the same bytes on every rank.
    /// - Parameter codebook: K x dimension; changed in place.
    /// - Throws: what makes a codebook impossible; it ends the training.
    func update(_ codebook: Matrix, with statistics: AssignmentStatistics, team: Team) throws
}
