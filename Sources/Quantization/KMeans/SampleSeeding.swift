import Numerics
import Stepping

/// Takes distinct training vectors, drawn uniformly, as first codewords: one pass, in which each shard hands over the rows it
/// holds.
final class SampleSeeding: TrainingMethod {
    private let vectors: any ShardedVectors
    private let codebook: Matrix
    /// Global index of the vector that becomes each codeword.
    private let chosen: [Int]
    private let codewords: RowsField
    let layout: StatisticsLayout
    private(set) var isFinished = false

    init(vectors: any ShardedVectors, codebook: Matrix, seed: UInt64, step: Int) {
        self.vectors = vectors
        self.codebook = codebook
        let random = CounterRandom(seed: seed, purpose: .initialCodewords, step: step)
        var layout = StatisticsLayout()
        codewords = layout.addRows(codebook.rows, columns: codebook.columns)
        self.layout = layout
        chosen = Array(random.permutation(count: vectors.count).prefix(codebook.rows))
    }

    var phase: String { "initial codewords" }
    var progress: Double { 0 }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let rows = try vectors.vectors(ofShard: shard)
        let first = vectors.firstIndex(ofShard: shard)
        for (codeword, index) in chosen.enumerated() where index >= first && index < first + rows.rows {
            statistics.handOver(codewords, codeword, rows.pointer + (index - first) * rows.columns, count: rows.columns)
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        codebook.pointer.update(from: total.row(codewords), count: codebook.count)
        isFinished = true
        return nil
    }
}
