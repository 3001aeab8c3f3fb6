// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func distinctNamesExample(stems: [String], files: [String]) {
    DistinctNames.choose(3, forms: [{ stems[$0] }, { files[$0] }])
    // of a.png, a.jpg and b.png: "a.png", "a.jpg", "b"
}
