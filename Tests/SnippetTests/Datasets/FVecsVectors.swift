// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func fvecsVectorsExample(row: UnsafeMutableBufferPointer<Float>) throws {
    let descriptors = try FVecsVectors("sift/learn.fvecs")
    descriptors.dimension                         // 128
    try descriptors.read(0, into: row)
}
