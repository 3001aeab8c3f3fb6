import Datasets
import Numerics
import Quantization
import Training

/// A toy source's samples as codebook training asks for them.
extension ToySamples: VectorDraws {
    public var count: Int? { nil }
}

/// Samples kept in memory, as K-means passes over them again and again.
final class KeptSamples: ShardedVectors {
    let dimension: Int
    let count: Int
    private let shards: Int
    private var kept: [Int: Matrix] = [:]

    /// - Parameter owned: the shards of this rank, the only ones that are drawn.
    init(_ samples: ToySamples, count: Int, shards: Int, owned: Range<Int>) {
        dimension = samples.dimension
        self.count = count
        self.shards = shards
        for shard in owned {
            let items = shard * count / shards..<(shard + 1) * count / shards
            let matrix = Matrix(rows: items.count, columns: dimension)
            samples.fill(items: items, into: matrix.pointer)
            kept[shard] = matrix
        }
    }

    func firstIndex(ofShard shard: Int) -> Int { shard * count / shards }
    func vectorCount(ofShard shard: Int) -> Int { (shard + 1) * count / shards - shard * count / shards }
    func vectors(ofShard shard: Int) -> Matrix { kept[shard]! }
}
