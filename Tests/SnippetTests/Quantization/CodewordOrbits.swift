// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func codewordOrbitsExample(orbits: CodewordOrbits) {
    let codewords = orbits.codewords()                      // as the prototypes say
}
