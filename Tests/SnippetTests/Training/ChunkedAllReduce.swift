// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func chunkedAllReduceExample(
    world: any Communicator, tree: ReductionTree, left: Statistics, right: Statistics
) throws {
    let exchange = try ChunkedAllReduce(communicator: world, tree: tree)
    let partials = [left, right]                // one for each of tree.partialNodes(of: this rank's shards)
    try exchange.reduce(partials)               // partials[0] is now the sum over all shards, on every rank
    // the same bytes on any number of ranks
}
