// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func numPyVectorsExample(row: UnsafeMutableBufferPointer<Float>) throws {
    let vectors = try NumPyVectors("features.npy")
    vectors.count                                 // rows
    vectors.dimension                             // columns
    try vectors.read(17, into: row)               // converted to Float
}
