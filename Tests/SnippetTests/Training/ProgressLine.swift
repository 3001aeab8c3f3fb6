import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func progressLineExample() {
    let progress = ProgressLine(interval: 10)
    progress.show(fraction: 0.25, text: "layer 5 of 20, test distortion 0.61")
    progress.finish()
}
