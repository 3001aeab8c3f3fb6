/// The items 0..<count cut by index into a fixed number of shards, whose sizes differ by at most one.
///
///     let shards = ShardRange(count: 2414, shards: 64)
///     shards[0]                                    // 0..<37
///     shards.shard(of: 2413)                       // 63
///
/// Shard s is s * count / shards ..< (s + 1) * count / shards. The cut depends on nothing else, so results do not
/// depend on how many ranks share the work. With more shards than items some shards are empty.
public struct ShardRange: Sendable, Equatable {
    /// The number of items.
    public let count: Int
    /// The number of shards, at least 1.
    public let shards: Int

    /// - Parameters:
    ///   - count: the number of items, at least 0.
    ///   - shards: the number of shards, at least 1.
    public init(count: Int, shards: Int) {
        precondition(count >= 0 && shards > 0, "\(count) items cannot be cut into \(shards) shards")
        self.count = count
        self.shards = shards
    }

    /// The items of one shard.
    public subscript(shard: Int) -> Range<Int> {
        precondition(shard >= 0 && shard < shards, "shard \(shard) of \(shards)")
        return shard * count / shards..<(shard + 1) * count / shards
    }

    /// The shard that holds `item`.
    public func shard(of item: Int) -> Int {
        precondition(item >= 0 && item < count, "item \(item) of \(count)")
        return ((item + 1) * shards - 1) / count
    }
}
