import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func overlappedAllReduceExample(overlap: OverlappedAllReduce, chunks: StatisticsChunks, statistics: Statistics) throws {
    overlap.begin(chunks)
    statistics.listener = overlap
    statistics.finish(rowsFrom: 1000)       // on any thread: marks chunks; on worker 0: starts what is complete
    let waited = try overlap.finish()       // when all shards are mapped
}
