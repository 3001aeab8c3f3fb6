import Foundation

/// A communicator whose members are threads of this process, so that algorithms are tested without MPI.
///
///     let sums = try InProcessCommunicator.run(size: 3) { world in
///         try world.allGather(value: Int64(world.rank)).reduce(0, +)
///     }
///     // [3, 3, 3]
///
/// It is stricter than MPI. Members that make different calls, or the same call with different sizes, get an error that
/// names both. A member that fails, aborts or returns early makes the pending and later calls of all others throw.
public final class InProcessCommunicator: Communicator, @unchecked Sendable {
    public let rank: Int
    public var size: Int { group.size }
    public let hostName = HostName.current

    let group: InProcessGroup
    /// How often the group was split.
    private var splits = 0

    private init(rank: Int, group: InProcessGroup) {
        self.rank = rank
        self.group = group
    }

    /// The members of a new group, in rank order. Each must be used by one thread only.
    /// - Parameter size: at least 1.
    public static func group(size: Int) -> [InProcessCommunicator] {
        precondition(size > 0, "a group needs a member")
        let shared = InProcessGroup(size: size)
        return (0..<size).map { InProcessCommunicator(rank: $0, group: shared) }
    }

    public func barrier() throws {
        try group.wait(for: group.post(.barrier, rank: rank), rank: rank)
    }

    public func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
        try refuse(TransferChecks.root(root, size: size), call: "broadcast")
        let posting = InProcessPosting(
            kind: .broadcast, type: Element.transferType, root: root,
            buffer: UnsafeMutableRawPointer(buffer.baseAddress), length: buffer.count)
        try group.wait(for: group.post(posting, rank: rank), rank: rank)
    }

    public func startAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer {
        try refuse(
            TransferChecks.segments(
                counts: counts, offsets: offsets, length: buffer.count, size: size, of: "the buffer"),
            call: "allGather")
        let posting = InProcessPosting(
            kind: .allGather, type: Element.transferType, buffer: UnsafeMutableRawPointer(buffer.baseAddress),
            length: buffer.count, counts: counts, offsets: offsets)
        return InProcessTransfer(group, try group.post(posting, rank: rank), rank: rank)
    }

    public func startAllToAll<Element: Transferable>(
        send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws -> any Transfer {
        try refuse(
            TransferChecks.exchange(
                rank: rank, size: size, send: send, sendCounts: sendCounts, sendOffsets: sendOffsets, receive: receive,
                receiveCounts: receiveCounts, receiveOffsets: receiveOffsets),
            call: "allToAll")
        let posting = InProcessPosting(
            kind: .allToAll, type: Element.transferType, buffer: UnsafeMutableRawPointer(receive.baseAddress),
            length: receive.count, counts: receiveCounts, offsets: receiveOffsets,
            send: UnsafeRawPointer(send.baseAddress), sendCounts: sendCounts, sendOffsets: sendOffsets)
        return InProcessTransfer(group, try group.post(posting, rank: rank), rank: rank)
    }

    public func split(group color: Int) throws -> any Communicator {
        try refuse(color < 0 ? "\(color) is not the number of a group: it is negative" : nil, call: "split")
        let colors = try allGather(value: Int64(color))
        let members = colors.indices.filter { colors[$0] == Int64(color) }
        let part = group.part(split: splits, of: members)
        splits += 1
        return InProcessCommunicator(rank: members.firstIndex(of: rank)!, group: part)
    }

    /// Ends the group: all other members' calls throw, and `run` throws `JobAborted`. The calling thread never
    /// continues.
    public func abort(code: Int32) -> Never {
        fflush(nil)
        group.fail(rank: rank, JobAborted(rank: rank, exitCode: code))
        InProcessMember.park()
    }

    private func refuse(_ problem: String?, call: String) throws {
        guard let problem else { return }
        throw MessagingError(call: call, rank: rank, host: hostName, reason: problem)
    }
}

/// A member called `abort`.
public struct JobAborted: Error, ExitCoded, CustomStringConvertible {
    /// The rank that called it.
    public let rank: Int
    public let exitCode: Int32

    public var description: String { "rank \(rank) aborted the job with code \(exitCode)" }
}

/// A collective call of an in-process group under way.
final class InProcessTransfer: Transfer {
    private let group: InProcessGroup
    private let exchange: InProcessGroup.Exchange
    private let rank: Int

    init(_ group: InProcessGroup, _ exchange: InProcessGroup.Exchange, rank: Int) {
        self.group = group
        self.exchange = exchange
        self.rank = rank
    }

    func test() throws -> Bool { try group.isDone(exchange, rank: rank) }
    func wait() throws { try group.wait(for: exchange, rank: rank) }

    deinit { group.drop(exchange, rank: rank) }
}
