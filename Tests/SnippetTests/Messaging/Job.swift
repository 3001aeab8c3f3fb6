// Lines stand as in the doc comments.
// swift-format-ignore-file
import Foundation
import Messaging

private func jobExample(layer: Int, train: (any Communicator) throws -> Int32) throws {
    let world = try MPIEnvironment.startIfLaunched()
    let code = Job.run(world, context: "training layer \(layer)") { try train(world) }
    exit(code)
    // rank 2 of 4 on node17: while training layer 3: cannot read faces/07.pgm: the file ends early
}
