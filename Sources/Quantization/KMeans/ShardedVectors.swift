import Numerics

/// Training vectors in shards, of which a rank holds some: what Lloyd's iteration needs to know of the data.
public protocol ShardedVectors: AnyObject {
    /// The length of a vector.
    var dimension: Int { get }
    /// Vectors in all shards of all ranks.
    var count: Int { get }
    /// The global index of the shard's first vector.
    func firstIndex(ofShard shard: Int) -> Int
    /// The number of vectors in a shard that this rank owns.
    func vectorCount(ofShard shard: Int) -> Int
    /// The vectors of a shard that this rank owns, one per row. May be called on several threads for different shards.
    /// - Throws: what reading them throws.
    func vectors(ofShard shard: Int) throws -> Matrix
}
