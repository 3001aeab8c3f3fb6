import Numerics

extension Matrix {
    /// Fills the rows with codewords drawn from N(0, S), S diagonal: the random codeword generation that Table I of the RRQ
    /// paper compares with.
    ///
    ///     codebook.fillWithGaussianCodewords(variances: allocation.codewordVariances, seed: 1, step: 0)
    ///
    /// - Parameters:
    ///   - variances: the diagonal of S, one entry per column; not negative.
    ///   - seed, step: what the draws follow from, together with the codeword's index.
    public func fillWithGaussianCodewords(variances: [Double], seed: UInt64, step: Int) {
        precondition(variances.count == columns)
        let random = CounterRandom(seed: seed, purpose: .gaussianCodewords, step: step)
        let deviations = variances.map { Float($0.squareRoot()) }
        for codeword in 0..<rows {
            let row = row(codeword)
            random.normals(item: codeword, into: row)
            for column in row.indices { row[column] *= deviations[column] }
        }
    }
}
