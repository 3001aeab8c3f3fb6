// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func vectorSourceExample() throws {
    let source = try ImageFolder("faces", color: .gray)
    let shards = ShardRange(count: source.count, shards: 64)
    let vectors = try source.readShard(shards[3])               // one row a face
    print(source.itemName(shards[3].lowerBound))
}
