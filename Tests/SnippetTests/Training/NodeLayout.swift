import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func nodeLayoutExample(world: any Communicator) throws {
    let layout = try NodeLayout.detect(world)
    let ranks = layout?.ranksPerNode                        // 32
}
