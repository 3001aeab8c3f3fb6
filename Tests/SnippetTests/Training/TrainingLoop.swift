// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func trainingLoopExample(world: any Communicator, folder: RunFolder, method: any TrainingMethod) throws {
    let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 64)
    loop.onMetrics = { row in try folder.append(row) }      // on the coordinator
    let outcome = try loop.run(method)                      // .finished, or .stopped after a signal
}
