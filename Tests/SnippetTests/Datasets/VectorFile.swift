// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets

private func vectorFileExample() throws {
    let vectors = try VectorFile.open("sift/base.fvecs")
    vectors.dimension                             // 128
}
