import Numerics
import Training

/// Takes distinct training vectors, drawn uniformly, as first codewords: one pass, in which each shard hands over the rows it
/// holds.
final class SampleSeeding: TrainingMethod {
    private let vectors: any ShardedVectors
    private let codebook: Matrix
    /// Global index of the vector that becomes each codeword.
    private let chosen: [Int]
    private(set) var isFinished = false

    init(vectors: any ShardedVectors, codebook: Matrix, seed: UInt64, step: Int) {
        self.vectors = vectors
        self.codebook = codebook
        let random = CounterRandom(seed: seed, purpose: .initialCodewords, step: step)
        chosen = Array(random.permutation(count: vectors.count).prefix(codebook.rows))
    }

    var phase: String { "initial codewords" }
    var progress: Double { 0 }
    var layout: StatisticsLayout { StatisticsLayout(rows: codebook.rows, columns: codebook.columns) }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let rows = vectors.vectors(ofShard: shard)
        let first = vectors.firstIndex(ofShard: shard)
        for (codeword, index) in chosen.enumerated() where index >= first && index < first + rows.rows {
            statistics.handOver(row: codeword, rows.pointer + (index - first) * rows.columns, count: rows.columns)
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        codebook.pointer.update(from: total.bulk, count: codebook.count)
        isFinished = true
        return nil
    }
}
