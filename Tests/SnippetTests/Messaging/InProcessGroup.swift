// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Messaging

private func inProcessGroupExample(error: any Error) throws {
    let group = InProcessGroup(size: 2)
    let exchange = try group.post(.barrier, rank: 0)          // member 0 arrives
    try group.wait(for: exchange, rank: 0)                    // until member 1 has posted the same
    group.fail(rank: 0, error)                                // every pending and later call throws
}
