// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func nodeLayoutExample(world: any Communicator) throws {
    let layout = try NodeLayout.detect(world)
    let ranks = layout?.ranksPerNode                        // 32
}
