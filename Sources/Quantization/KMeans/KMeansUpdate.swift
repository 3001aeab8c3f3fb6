import Numerics
import Stepping

/// The M-step of K-means: every codeword becomes the mean of its vectors, and codewords without vectors move.
///
/// A codeword without vectors is placed beside the codeword with the largest distortion that has at least two vectors,
/// displaced by a hundredth of that cluster's root mean squared error in a random direction, so that the next pass splits
/// the cluster (Linde, Buzo, Gray 1980). Several empty codewords take the worst clusters in turn.
public struct KMeansUpdate: CodewordUpdate {
    let seed: UInt64

    /// - Parameter seed: of the random directions.
    public init(seed: UInt64) { self.seed = seed }

    public func update(_ codebook: Matrix, with statistics: AssignmentStatistics, team: Team) throws {
        let dimension = codebook.columns
        try team.forEach(count: codebook.rows) { codeword, _ in
            guard statistics.counts[codeword] > 0 else { return }
            let scale = 1 / Float(statistics.counts[codeword])
            let sum = statistics.sums + codeword * dimension
            let row = codebook.row(codeword)
            for index in 0..<dimension { row[index] = sum[index] * scale }
        }
        splitWorstClusters(codebook, statistics)
    }

    /// Moves every codeword without vectors beside one whose cluster is to be split.
    private func splitWorstClusters(_ codebook: Matrix, _ statistics: AssignmentStatistics) {
        let empty = (0..<codebook.rows).filter { statistics.counts[$0] == 0 }
        guard !empty.isEmpty else { return }
        let donors = (0..<codebook.rows)
            .filter { statistics.counts[$0] >= 2 && statistics.distortions[$0] > 0 }
            .sorted {
                let (first, second) = (statistics.distortions[$0], statistics.distortions[$1])
                return first != second ? first > second : $0 < $1
            }
        guard !donors.isEmpty else { return }
        let random = CounterRandom(seed: seed, purpose: .revival, step: statistics.iteration)
        for (turn, codeword) in empty.enumerated() {
            let donor = donors[turn % donors.count]
            let error = statistics.distortions[donor] / statistics.counts[donor] / Double(codebook.columns)
            let step = Float(0.01 * error.squareRoot())
            let row = codebook.row(codeword)
            random.normals(item: codeword, into: row)
            let source = codebook.row(donor)
            for index in row.indices { row[index] = source[index] + step * row[index] }
        }
    }
}
