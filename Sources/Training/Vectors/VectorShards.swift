import Core
import Datasets
import Numerics

/// The shards of one set of vectors that this rank owns, in memory or, beyond a budget, in a scratch file.
///
///     let train = try VectorShards.load(source, name: "train", reduction: reduction) { pixels, vector, worker in
///         vector.update(from: pixels, count: source.dimension)
///     }
///     let vectors = train[shard]                              // one vector a row
///
/// The same shard numbers cut every set of a run, so a rank's share of the training and of the test data belong together.
public final class VectorShards: @unchecked Sendable {
    /// What the set is called, such as "train".
    public let name: String
    /// The length of a vector.
    public let dimension: Int
    /// Indices of the vectors of every shard of all ranks.
    public let ranges: ShardRange
    /// The shards of this rank.
    public let owned: Range<Int>
    /// What holds the vectors.
    public let memory: VectorMemory
    private let matrices: [StoredMatrix]

    /// Vectors in all shards of all ranks.
    public var count: Int { ranges.count }

    private init(
        name: String, dimension: Int, ranges: ShardRange, owned: Range<Int>, memory: VectorMemory
    ) {
        self.name = name
        self.dimension = dimension
        self.ranges = ranges
        self.owned = owned
        self.memory = memory
        matrices = owned.map { memory.matrix(rows: ranges[$0].count, columns: dimension) }
    }

    /// Reads this rank's shards of `source`, and nothing else, on all threads of the team.
    ///
    /// - Parameters:
    ///   - name: what the set is called.
    ///   - reduction: says which shards this rank owns.
    ///   - memory: what will hold the vectors.
    ///   - transform: turns an item as read into the vector that is kept; called on several threads, each with its
    ///     own worker number. Both have the same length; they never overlap.
    /// - Throws: `LloydError` for an item that cannot be read, or that has a component beyond 2^50.
    public static func load(
        _ source: any VectorSource, name: String, reduction: OrderedReduction, memory: VectorMemory = .unlimited,
        transform: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ worker: Int) -> Void
    ) throws -> VectorShards {
        let ranges = ShardRange(count: source.count, shards: reduction.tree.shards)
        let owned = reduction.owned
        let set = VectorShards(
            name: name, dimension: source.dimension, ranges: ranges, owned: owned, memory: memory)
        let items = (0..<reduction.team.threads).map { _ in AlignedBuffer<Float>(count: source.dimension) }
        try reduction.team.forEach(count: owned.count) { number, worker in
            let matrix = set.matrices[number].use()
            for (row, index) in ranges[owned.lowerBound + number].enumerated() {
                try source.read(index, into: items[worker].elements)
                try checkSize(items[worker].elements, of: index, in: source)
                transform(items[worker].pointer, matrix.pointer + row * matrix.columns, worker)
            }
            source.releasePages()
        }
        try memory.check()
        return set
    }

    /// The vectors of an owned shard, to be worked on now.
    public subscript(shard: Int) -> Matrix { matrices[shard - owned.lowerBound].use() }

    /// The number of vectors in an owned shard.
    public func rows(_ shard: Int) -> Int { matrices[shard - owned.lowerBound].rows }

    /// A copy of the vectors in memory of its own.
    public func copy(name: String) -> VectorShards {
        let other = VectorShards(name: name, dimension: dimension, ranges: ranges, owned: owned, memory: memory)
        for (from, to) in zip(matrices, other.matrices) {
            to.use().pointer.update(from: from.use().pointer, count: from.count)
        }
        return other
    }

    /// The most vectors in any owned shard.
    public var longestShard: Int { matrices.map(\.rows).max() ?? 0 }
}

/// Largest component of a vector: with it, sums of squares over dimensions and vectors stay within Float's range.
private let largestComponent = Float(0x1p50)

/// Larger components would silently spoil every codeword, so they are refused as they are read.
private func checkSize(
    _ vector: UnsafeMutableBufferPointer<Float>, of index: Int, in source: any VectorSource
) throws {
    var most: Float = 0
    for value in vector { most = max(most, abs(value)) }
    guard most > largestComponent, let bad = vector.firstIndex(where: { abs($0) > largestComponent }) else { return }
    throw LloydError(
        path: source.itemName(index),
        problem:
            "holds \(vector[bad]) in dimension \(bad) (counted from 0): sums of squares of numbers beyond 2^50 leave "
            + "the range of 32-bit floats",
        remedy:
            "multiply all values by the same power of two, such as array * 2.0**-40, which loses nothing; distortions "
            + "are relative and stay the same")
}
