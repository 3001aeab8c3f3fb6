// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func checkpointWriterExample(found: (checkpoint: Checkpoint?, warnings: [String]), loop: TrainingLoop) throws {
    let writer = try CheckpointWriter(
        runFolder: "runs/nvtc", schedule: .init(steps: 1000, minutes: 10), after: found.checkpoint)
    loop.checkpoints = writer                               // asks after every step
    try writer.finish()                                     // waits for the last one
}
