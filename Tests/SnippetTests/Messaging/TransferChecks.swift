// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Messaging

private func transferChecksExample() {
    let problem = TransferChecks.segments(
        counts: [2, 3], offsets: [0, 2], length: 4, size: 2, of: "the buffer")
    // "the segment of rank 1, 2..<5, lies outside the buffer of 4 elements"
    // nil if every segment lies inside the buffer
}
