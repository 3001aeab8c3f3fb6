// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func exponentialExample() {
    let e = exponential(Lanes(repeating: 1))[0]             // 2.7182817
}
