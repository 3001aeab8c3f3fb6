import Foundation

/// A group of one, without MPI: what a run that was not started by `mpirun` works with. It costs nothing to make.
///
///     let world: any Communicator = MPIEnvironment.isLaunchedByMPI ? try MPIEnvironment.start() : SingleCommunicator()
///     try world.barrier()                       // returns at once
///     try world.broadcast(buffer, root: 0)      // leaves the buffer as it is
///     world.abort(code: 1)                      // exits the process
public final class SingleCommunicator: Communicator {
    public let rank = 0
    public let size = 1
    public let hostName = HostName.current

    public init() {}

    public func barrier() throws {}

    public func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
        try refuse(TransferChecks.root(root, size: 1), call: "broadcast")
    }

    public func startAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer {
        try refuse(
            TransferChecks.segments(counts: counts, offsets: offsets, length: buffer.count, size: 1, of: "the buffer"),
            call: "allGather")
        return CompletedTransfer.shared
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
        if sendCounts[0] > 0, let source = send.baseAddress, let destination = receive.baseAddress {
            memmove(
                destination + receiveOffsets[0], source + sendOffsets[0],
                sendCounts[0] * MemoryLayout<Element>.stride)
        }
        return CompletedTransfer.shared
    }

    public func split(group: Int) throws -> any Communicator { SingleCommunicator() }

    public func abort(code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    private func refuse(_ problem: String?, call: String) throws {
        if let problem { throw MessagingError(call: call, rank: 0, host: hostName, reason: problem) }
    }
}

/// A transfer with nothing left to do.
final class CompletedTransfer: Transfer, Sendable {
    static let shared = CompletedTransfer()
    func test() throws -> Bool { true }
    func wait() throws {}
}

/// The name of this machine, for messages to people.
enum HostName {
    static let current: String = {
        var name = [CChar](repeating: 0, count: 257)
        guard gethostname(&name, 256) == 0 else { return "unknown host" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}
