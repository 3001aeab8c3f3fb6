import Datasets
import Numerics
import Quantization
import Training

/// The training residuals as one layer sees them: their active entries side by side, gathered once for all its passes.
///
/// The memory is kept from layer to layer and grows with the largest active set; in a scratch file there is room for all
/// dimensions from the start. A layer over all dimensions works on the residuals in place.
package final class ActiveResiduals: ShardedVectors {
    private let train: VectorShards
    private let codebook: SparseCodebook
    private let layer: Int
    private let store: Store

    /// What outlives a layer: one buffer for each owned shard. A shard is only ever touched by one thread at a time.
    package final class Store {
        fileprivate final class Shard {
            /// In the scratch file, where the training vectors have one.
            var stored: StoredMatrix?
            var buffer = AlignedBuffer<Float>(count: 0)
            var matrix: Matrix?
            var layer = -1
        }
        fileprivate let shards: [Shard]
        package init(owned: Range<Int>) { shards = owned.map { _ in Shard() } }
    }

    package init(train: VectorShards, codebook: SparseCodebook, layer: Int, store: Store) {
        self.train = train
        self.codebook = codebook
        self.layer = layer
        self.store = store
    }

    package var dimension: Int { codebook.active.count }
    package var count: Int { train.count }
    package func firstIndex(ofShard shard: Int) -> Int {
        shard >= train.ranges.shards ? count : train.ranges[shard].lowerBound
    }
    package func vectorCount(ofShard shard: Int) -> Int { train.ranges[shard].count }

    /// - Throws: `DatasetError` when the scratch file has failed.
    package func vectors(ofShard shard: Int) throws -> Matrix {
        try train.memory.check()
        guard dimension < train.dimension else { return train[shard] }
        let kept = store.shards[shard - train.owned.lowerBound]
        if kept.layer == layer, let matrix = kept.matrix {
            _ = kept.stored?.use()
            return matrix
        }
        let residual = train[shard]
        let needed = residual.rows * dimension
        if kept.buffer.count < needed {
            if train.memory.file != nil {
                let stored = train.memory.matrix(rows: residual.rows, columns: train.dimension, scratchOnly: true)
                kept.stored = stored
                kept.buffer = stored.use().storage
            } else {
                // A little more than asked for: active sets grow slowly from layer to layer.
                kept.buffer = AlignedBuffer(count: min(needed + needed / 4, residual.count))
            }
        }
        kept.stored?.limit(to: needed)
        _ = kept.stored?.use()
        let matrix = Matrix(rows: residual.rows, columns: dimension, storage: kept.buffer)
        for item in 0..<residual.rows {
            codebook.gather(residual.pointer + item * residual.columns, into: matrix.pointer + item * dimension)
        }
        kept.matrix = matrix
        kept.layer = layer
        return matrix
    }
}
