// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func entropyExample() {
    let bits = entropy(ofCounts: [1, 1, 2])                 // 1.5
}
