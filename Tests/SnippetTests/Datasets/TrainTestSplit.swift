// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func trainTestSplitExample(faces: ImageFolder) throws {
    let split = try TrainTestSplit(source: faces, testFraction: 0.2, seed: 7, byGroup: true)
    split.train                                   // sorted indices of 80 % of the faces
    split.test                                    // no person is on both sides
}
