import Foundation

/// A group of one without MPI, for runs that `mpirun` did not start.
///
///     let world = SingleCommunicator()
///     try world.barrier()                       // returns at once
///     try world.broadcast(buffer, root: 0)      // leaves the buffer as it is
///     world.abort(code: 1)                      // exits the process
///
/// An in-process group with one member, except that `abort` ends the process.
public final class SingleCommunicator: Communicator {
    public let rank = 0
    public let size = 1
    public let hostName = HostName.current
    private let group = InProcessCommunicator.group(size: 1)[0]

    /// A new group; it costs nothing.
    public init() {}

    public func barrier() throws { try group.barrier() }

    public func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
        try group.broadcast(buffer, root: root)
    }

    public func startAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer {
        try group.startAllGather(buffer, counts: counts, offsets: offsets)
    }

    public func startAllToAll<Element: Transferable>(
        send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws -> any Transfer {
        try group.startAllToAll(
            send: send, sendCounts: sendCounts, sendOffsets: sendOffsets, receive: receive,
            receiveCounts: receiveCounts, receiveOffsets: receiveOffsets)
    }

    public func split(group: Int) throws -> any Communicator { SingleCommunicator() }

    public func abort(code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}

/// The name of this machine, for messages to people.
enum HostName {
    static let current: String = {
        var name = [CChar](repeating: 0, count: 257)
        guard gethostname(&name, 256) == 0 else { return "unknown host" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}
