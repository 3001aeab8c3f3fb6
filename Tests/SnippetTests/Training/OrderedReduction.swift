// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func orderedReductionExample(world: any Communicator, measure: (_ shard: Int) -> Double) throws {
    let reduction = try OrderedReduction(communicator: world, team: Team(threads: 2), shards: 64)
    var layout = StatisticsLayout()
    let energy = layout.addSum()
    let total = try reduction.sum(layout) { shard, worker, statistics in
        statistics[energy] += measure(shard)
    }
    let whole = total[energy]                               // on every rank
}
