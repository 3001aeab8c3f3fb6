// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func shardRangeExample() {
    let shards = ShardRange(count: 2414, shards: 64)
    shards[0]                                    // 0..<37
    shards.shard(of: 2413)                       // 63
}
