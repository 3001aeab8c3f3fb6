// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func planLimitsExample() {
    let limits = PlanLimits(shards: 64, cores: 2, memory: 25_000_000_000, threads: 1, machines: 1) { ranks in
        1e9 + 20e9 / Double(ranks)
    }
    let (name, ranks) = limits.first                        // what is hit first, at how many ranks
}
