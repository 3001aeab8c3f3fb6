import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func stopSignalsExample(loop: TrainingLoop) {
    StopSignals.install()
    loop.stopRequested = { StopSignals.received }           // the default: the loop asks in each step, on every rank
}
