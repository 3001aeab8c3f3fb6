import Core
import Datasets
import Foundation
import Training

@testable import Codec

func codingTimesExample(image: Image, transform: (Image) -> [Float], wall: Double) {
    var times = CodingTimes()
    let latents = times.measure(\.transform) { transform(image) }
    let seconds = times.shares(of: wall)["entropy model"]   // of the wall clock
}
