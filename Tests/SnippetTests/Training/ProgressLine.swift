// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func progressLineExample() {
    let progress = ProgressLine(interval: 10)
    progress.show(fraction: 0.25, text: "layer 5 of 20, test distortion 0.61")
    progress.finish()
}
