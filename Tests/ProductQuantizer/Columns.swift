import Datasets
import Numerics
import Quantization
import Training

/// Some components of every vector of a set.
final class Columns: ShardedVectors {
    private let vectors: VectorShards
    private let parts: [Matrix]
    let dimension: Int

    init(_ vectors: VectorShards, _ columns: Range<Int>) {
        self.vectors = vectors
        dimension = columns.count
        parts = vectors.owned.map { shard in
            let whole = vectors[shard]
            let part = Matrix(rows: whole.rows, columns: columns.count)
            for row in 0..<whole.rows {
                part.row(row).baseAddress!.update(
                    from: whole.pointer + row * whole.columns + columns.lowerBound, count: columns.count)
            }
            return part
        }
    }

    var count: Int { vectors.count }
    func firstIndex(ofShard shard: Int) -> Int { vectors.ranges[shard].lowerBound }
    func vectorCount(ofShard shard: Int) -> Int { vectors.ranges[shard].count }
    func vectors(ofShard shard: Int) -> Matrix { parts[shard - vectors.owned.lowerBound] }
}
