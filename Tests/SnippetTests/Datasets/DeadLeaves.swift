// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func deadLeavesExample(row: UnsafeMutableBufferPointer<Float>) throws {
    let images = DeadLeaves(count: 400, width: 64, height: 64, channels: 1, seed: 1)
    try images.read(0, into: row)                 // the same picture on every rank
    let picture = images.imageShape.map { Image(row, shape: $0) }
}
