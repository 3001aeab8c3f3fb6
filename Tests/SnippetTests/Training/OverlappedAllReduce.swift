// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func overlappedAllReduceExample(
    overlap: OverlappedAllReduce, chunks: StatisticsChunks, statistics: Statistics
) throws {
    overlap.begin(chunks)
    statistics.listener = overlap
    statistics.finish(rowsFrom: 1000)       // on any thread: marks chunks; on worker 0: starts what is complete
    let waited = try overlap.finish()       // when all shards are mapped
}
