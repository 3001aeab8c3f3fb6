// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func subsetExample(faces: ImageFolder, row: UnsafeMutableBufferPointer<Float>) throws {
    let split = try TrainTestSplit(source: faces, testFraction: 0.2, seed: 1)
    let train = Subset(faces, indices: split.train, name: "training faces")
    try train.read(0, into: row)                  // item split.train[0] of faces
}
