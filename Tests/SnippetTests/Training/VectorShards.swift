// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func vectorShardsExample(source: any VectorSource, reduction: OrderedReduction, shard: Int) throws {
    let train = try VectorShards.load(source, name: "train", reduction: reduction) { pixels, vector, worker in
        vector.update(from: pixels, count: source.dimension)
    }
    let vectors = train[shard]                              // one vector a row
}
