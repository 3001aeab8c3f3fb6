import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func checkpointExample() throws {
    let found = try Checkpoint.newest(in: "runs/nvtc/checkpoints")
    let part = found.checkpoint?.part                       // "lambda 256"
    for warning in found.warnings { print(warning) }        // what was wrong with newer files
}
