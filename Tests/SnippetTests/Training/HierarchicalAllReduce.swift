// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func hierarchicalAllReduceExample(world: any Communicator, tree: ReductionTree) throws {
    guard let layout = try NodeLayout.detect(world) else { return }         // the direct one is as good
    let algorithm = try HierarchicalAllReduce(communicator: world, layout: layout, tree: tree)
    let phases = algorithm.phases                                           // 4
}
