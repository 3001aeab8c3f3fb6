// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func rankLayoutExample() throws {
    let layout = try RankLayout(ranks: 4, threads: 1, machines: 2, shards: 64, cores: 2, network: 1.25e9)
    let share = layout.share                                // a quarter of the work is the slowest rank's
    let bytes = layout.exchangedBytes(StatisticsLayout(rows: 256, columns: 100))
}
