// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func tarFileExample() throws {
    let file = try TarFile("shards-000.tar", staysOpen: true)
    let bytes = try file.read(1536, count: 40_000)
}
