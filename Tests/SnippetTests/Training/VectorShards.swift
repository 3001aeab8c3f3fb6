import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func vectorShardsExample(source: any VectorSource, reduction: OrderedReduction, shard: Int) throws {
    let train = try VectorShards.load(source, name: "train", reduction: reduction) { pixels, vector, worker in
        vector.update(from: pixels, count: source.dimension)
    }
    let vectors = train[shard]                              // one vector a row
}
