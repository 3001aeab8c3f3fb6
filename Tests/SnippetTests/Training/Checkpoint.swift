// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func checkpointExample() throws {
    let found = try Checkpoint.newest(in: "runs/nvtc/checkpoints")
    let part = found.checkpoint?.part                       // "lambda 256"
    for warning in found.warnings { print(warning) }        // what was wrong with newer files
}
