// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func stopSignalsExample(loop: TrainingLoop) {
    StopSignals.install()
    loop.stopRequested = { StopSignals.received }           // the default: the loop asks in each step, on every rank
}
