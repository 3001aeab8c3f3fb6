import Numerics
import Stepping
import Training

@testable import Quantization

func codewordOrbitsExample(orbits: CodewordOrbits) {
    let codewords = orbits.codewords()                      // as the prototypes say
}
