// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core

private func lockedExample() {
    let failures = Locked<[String]>([])
    failures.withLock { $0.append("rank 2 is gone") }       // from any thread
}
