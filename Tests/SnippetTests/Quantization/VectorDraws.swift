// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func vectorDrawsExample() {
    struct Coins: VectorDraws {
        let dimension = 1, count: Int? = nil                // as many as anybody asks for
        func fill(items: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
            let random = CounterRandom(seed: 1, purpose: .test, step: 0)
            for (index, item) in items.enumerated() { destination[index] = random.uniform(item: item) < 0.5 ? 0 : 1 }
        }
    }
}
