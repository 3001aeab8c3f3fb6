// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func philoxExample() {
    let words = Philox.block(counter: .init(0, 0, 0, 0), key: .init(0, 0))
    // words[0] == 0x6627e8d5
}
