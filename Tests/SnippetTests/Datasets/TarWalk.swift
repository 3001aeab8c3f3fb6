// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func tarWalkExample(file: TarFile) throws {
    var walk = TarWalk(file)
    while let header = try walk.next() { try walk.skip(header.size) }
}
