import Numerics
import Stepping

/// VR-Kmeans: K-means whose codebook variances are held near those that rate-distortion theory asks for.
///
///     let allocation = ReverseWaterFilling(variances: variances, rate: 8)
///     let method = VRKMeans(allocation: allocation, codewords: 256, lambda: 10, seed: 1, step: 0)
///     let training = try LloydTraining(
///         vectors: active, settings: .init(codewords: 256, iterations: 8), update: method, seed: 1)
///
/// Source: RRQ paper, section III.A, Eq. 3 to 5; for K codewords the target of sum_k c_jk^2 is K sigma_Cj^2. Assignment is
/// that of K-means; `VarianceRegularizedUpdate` is the M-step. Only active dimensions take part.
public struct VRKMeans: CodewordUpdate {
    let update: VarianceRegularizedUpdate

    /// The M-step for one codebook.
    /// - Parameters:
    ///   - allocation: whose `codewordVariances` are the targets, one per dimension of the vectors.
    ///   - codewords: K.
    ///   - lambda: weight of the regularization, at least 0; 0 is K-means, with dead codewords at the origin.
    ///   - seed: what the random signs of revived codewords follow from.
    ///   - step: tells apart the signs of several trainings under one seed, such as layers.
    public init(allocation: ReverseWaterFilling, codewords: Int, lambda: Double, seed: UInt64, step: Int) {
        update = VarianceRegularizedUpdate(
            targets: allocation.codewordVariances.map { $0 * Double(codewords) }, lambda: lambda, seed: seed,
            step: step)
    }

    public func update(_ codebook: Matrix, with statistics: AssignmentStatistics, team: Team) throws {
        let counts = statistics.counts.map { Float($0) }
        let block = 64
        let blocks = (codebook.columns + block - 1) / block
        try team.forEach(count: blocks) { item, _ in
            let columns = item * block..<min((item + 1) * block, codebook.columns)
            update.solve(sums: statistics.sums, counts: counts, codebook: codebook, columns: columns)
        }
    }
}
