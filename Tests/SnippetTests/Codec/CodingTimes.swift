// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func codingTimesExample(image: Image, transform: (Image) -> [Float], wall: Double) {
    var times = CodingTimes()
    let latents = times.measure(\.transform) { transform(image) }
    let seconds = times.shares(of: wall)["entropy model"]   // of the wall clock
}
