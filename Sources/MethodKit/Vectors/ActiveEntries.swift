import Datasets
import Numerics
import Quantization
import Training

/// The vectors of a set as a codebook on some of the dimensions sees them: their active entries side by side, gathered
/// once for all passes of a training.
///
///     let store = ActiveEntries.Store(owned: train.owned)
///     let entries = ActiveEntries(of: train, codebook: codebook, version: 0, store: store)
///     let training = try LloydTraining(
///         vectors: entries, settings: .init(codewords: 256, iterations: 8), update: update, seed: 1)
///
/// The memory is kept from training to training and grows with the largest active set; in a scratch file there is room
/// for all dimensions from the start. For a codebook on all dimensions nothing is gathered: the vectors are worked on in
/// place.
package final class ActiveEntries: ShardedVectors {
    private let vectors: VectorShards
    private let codebook: SparseCodebook
    private let version: Int
    private let store: Store

    /// What outlives a training: one buffer for each owned shard. A shard is only ever touched by one thread at a time.
    package final class Store {
        fileprivate final class Shard {
            /// In the scratch file, if the vectors have one.
            var stored: StoredMatrix?
            var buffer = AlignedBuffer<Float>(count: 0)
            /// The entries that were gathered last, and for which version.
            var gathered: (matrix: Matrix, version: Int)?
        }
        fileprivate let shards: [Shard]

        /// Buffers that are still empty.
        /// - Parameter owned: the shards of this rank.
        package init(owned: Range<Int>) { shards = owned.map { _ in Shard() } }
    }

    /// - Parameters:
    ///   - vectors: whole vectors, of the codebook's dimension.
    ///   - codebook: says which dimensions are active.
    ///   - version: another one whenever the vectors or the active dimensions are others, such as the number of a layer.
    ///   - store: of the same shards as `vectors`.
    package init(of vectors: VectorShards, codebook: SparseCodebook, version: Int, store: Store) {
        self.vectors = vectors
        self.codebook = codebook
        self.version = version
        self.store = store
    }

    package var dimension: Int { codebook.active.count }
    package var count: Int { vectors.count }
    package func firstIndex(ofShard shard: Int) -> Int {
        shard >= vectors.ranges.shards ? count : vectors.ranges[shard].lowerBound
    }
    package func vectorCount(ofShard shard: Int) -> Int { vectors.ranges[shard].count }

    /// The active entries of an owned shard, one vector a row.
    /// - Throws: `LloydError` if the scratch file has failed.
    package func vectors(ofShard shard: Int) throws -> Matrix {
        try vectors.memory.check()
        guard dimension < vectors.dimension else { return vectors[shard] }
        let kept = store.shards[shard - vectors.owned.lowerBound]
        if let gathered = kept.gathered, gathered.version == version {
            _ = kept.stored?.use()
            return gathered.matrix
        }
        let whole = vectors[shard]
        let needed = whole.rows * dimension
        if kept.buffer.count < needed {
            if vectors.memory.file != nil {
                let stored = vectors.memory.matrix(rows: whole.rows, columns: vectors.dimension, scratchOnly: true)
                kept.stored = stored
                kept.buffer = stored.use().storage
            } else {
                // A little more than asked for: active sets grow slowly from layer to layer.
                kept.buffer = AlignedBuffer(count: min(needed + needed / 4, whole.count))
            }
        }
        kept.stored?.limit(to: needed)
        _ = kept.stored?.use()
        let matrix = Matrix(rows: whole.rows, columns: dimension, storage: kept.buffer)
        for item in 0..<whole.rows {
            codebook.gather(whole.pointer + item * whole.columns, into: matrix.pointer + item * dimension)
        }
        kept.gathered = (matrix, version)
        return matrix
    }
}
