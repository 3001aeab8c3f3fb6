// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func watchdogExample(loop: TrainingLoop) {
    let watchdog = Watchdog(rank: 2, ranks: 4, host: "node17", folder: "runs/nvtc/.ranks", limits: .init())
    loop.watchdog = watchdog                                // knows when steps begin and end
}
