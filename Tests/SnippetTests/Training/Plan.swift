// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func planExample() {
    var plan = Plan(
        method: "rrq", ranks: 4, threads: 1, machines: 1, shards: 64, trainCount: 60_000, testCount: 10_000,
        dimension: 784)
    plan.add("assign", steps: 8, StepCost(operations: 6e9, exchangedBytes: 2e6, seconds: 0.1))
    let seconds = plan.seconds                              // of the whole run, at most
}
