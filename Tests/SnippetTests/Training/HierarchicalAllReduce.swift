import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func hierarchicalAllReduceExample(world: any Communicator, tree: ReductionTree) throws {
    guard let layout = try NodeLayout.detect(world) else { return }         // the direct one is as good
    let algorithm = try HierarchicalAllReduce(communicator: world, layout: layout, tree: tree)
    let phases = algorithm.phases                                           // 4
}
