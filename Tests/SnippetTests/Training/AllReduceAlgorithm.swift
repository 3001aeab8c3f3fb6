// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func allReduceAlgorithmExample(
    algorithm: any AllReduceAlgorithm, layout: StatisticsLayout, partials: [Statistics]
) throws {
    let reduction = algorithm.reduction(of: 0..<layout.bytes)
    for phase in 0..<algorithm.phases {
        try reduction.start(phase, partials, slot: 0)?.wait()
        reduction.complete(phase, partials, slot: 0)
    }
    // partials[0] holds the sum over all shards, on every rank
}
