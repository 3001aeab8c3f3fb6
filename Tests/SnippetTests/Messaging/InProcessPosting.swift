// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Messaging

private func inProcessPostingExample(memory: UnsafeMutableRawPointer) {
    let first = InProcessPosting.barrier
    let second = InProcessPosting(kind: .broadcast, type: .float, root: 0, buffer: memory, length: 10)
    second.agrees(rank: 1, with: first, rank: 0)      // false
    // postings that agree are carried out by `InProcessPosting.perform`
}
