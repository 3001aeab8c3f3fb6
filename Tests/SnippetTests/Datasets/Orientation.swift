// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func orientationExample(image: Image) {
    let orientation = Orientation(rawValue: 6)              // .rotated90: a camera that was held upright
    let picture = image.upright(.rotated90)                 // as viewers show it
}
