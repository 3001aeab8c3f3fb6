import Datasets
import Numerics
import Training

/// The shards of one set of vectors that this rank owns, in memory.
///
///     let train = try VectorShards.load(source, name: "train", reduction: reduction) { pixels, vector, worker in ... }
///     train[shard]                                            // one vector a row
///
/// The same shard numbers cut every set of a run, so a rank's share of the training and of the test data belong together.
public final class VectorShards: @unchecked Sendable {
    public let name: String
    public let dimension: Int
    public let ranges: ShardRange
    public let owned: Range<Int>
    private let matrices: [Matrix]

    /// Vectors in all shards of all ranks.
    public var count: Int { ranges.count }

    init(name: String, dimension: Int, ranges: ShardRange, owned: Range<Int>, matrices: [Matrix]) {
        precondition(matrices.count == owned.count)
        self.name = name
        self.dimension = dimension
        self.ranges = ranges
        self.owned = owned
        self.matrices = matrices
    }

    /// Reads this rank's shards of `source`, and nothing else, on all threads of the team.
    ///
    /// - Parameter transform: turns an item as read into the vector that is kept; called on several threads, each with its
    ///   own worker number. Both have the same length; they never overlap.
    /// - Throws: `DatasetError` for an item that cannot be read.
    public static func load(
        _ source: any VectorSource, name: String, reduction: OrderedReduction,
        transform: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ worker: Int) -> Void
    ) throws -> VectorShards {
        let ranges = ShardRange(count: source.count, shards: reduction.tree.shards)
        let owned = reduction.owned
        let matrices = owned.map { Matrix(rows: ranges[$0].count, columns: source.dimension) }
        let items = (0..<reduction.team.threads).map { _ in AlignedBuffer<Float>(count: source.dimension) }
        try reduction.team.forEach(count: owned.count) { place, worker in
            let matrix = matrices[place]
            for (row, index) in ranges[owned.lowerBound + place].enumerated() {
                try source.read(index, into: items[worker].elements)
                transform(items[worker].pointer, matrix.pointer + row * matrix.columns, worker)
            }
        }
        return VectorShards(
            name: name, dimension: source.dimension, ranges: ranges, owned: owned, matrices: matrices)
    }

    /// The vectors of an owned shard.
    public subscript(shard: Int) -> Matrix { matrices[shard - owned.lowerBound] }

    /// The same vectors in memory of their own.
    func copy(name: String) -> VectorShards {
        VectorShards(
            name: name, dimension: dimension, ranges: ranges, owned: owned, matrices: matrices.map { $0.copy() })
    }

    /// The most vectors in any owned shard.
    var longestShard: Int { matrices.map(\.rows).max() ?? 0 }
}
