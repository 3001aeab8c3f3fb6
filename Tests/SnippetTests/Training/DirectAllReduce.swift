// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func directAllReduceExample(world: any Communicator, tree: ReductionTree, layout: StatisticsLayout) {
    let algorithm = DirectAllReduce(communicator: world, tree: tree)
    let reduction = algorithm.reduction(of: 0..<layout.bytes)       // two phases
}
