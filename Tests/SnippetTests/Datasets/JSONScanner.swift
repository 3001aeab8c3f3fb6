// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Datasets

private func jsonScannerExample(bytes: [UInt8]) throws {
    var scanner = JSONScanner(bytes)
    try scanner.scan()                                       // may throw Fault(line: 3, key: "results.bpp[2]")
}
