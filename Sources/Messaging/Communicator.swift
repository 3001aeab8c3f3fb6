/// A group of ranks that exchange typed buffers: all that the rest of Lloyd knows about message passing.
///
///     let world = try MPIEnvironment.start()                  // one rank without mpirun
///     var values = [Int32](repeating: 0, count: world.size)
///     values[world.rank] = Int32(world.rank)
///     let ones = [Int](repeating: 1, count: world.size)
///     try values.withUnsafeMutableBufferPointer {
///         try world.allGather($0, counts: ones, offsets: Array(0..<world.size))
///     }
///     // values is 0, 1, 2, ... on every rank
///
/// `MPICommunicator` works between processes, `InProcessCommunicator` between the threads of one, so that algorithms are
/// tested without MPI, and `SingleCommunicator` is a group of one. All members call the same collectives in the same
/// order. Any failure is thrown as `MessagingError`, which names the call.
///
/// No operation adds numbers: sums that reach a result follow an order of Lloyd's own (see `OrderedReduction` in
/// Training).
public protocol Communicator: AnyObject, Sendable {
    /// This member's rank, 0..<size. Rank 0 is the coordinator.
    var rank: Int { get }
    /// The number of members.
    var size: Int { get }
    /// The host this member runs on, for messages to people.
    var hostName: String { get }

    /// Returns on every member after all have called it.
    /// - Throws: `MessagingError`.
    func barrier() throws

    /// Copies root's `buffer` into every member's `buffer` of the same length.
    /// - Throws: `MessagingError`; also for a root that is not a rank.
    func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws

    /// Starts to gather in place: member r's segment `offsets[r] ..< offsets[r] + counts[r]` of `buffer` arrives at the
    /// same offset on all members. `buffer` must not be read or written until the returned transfer has completed.
    /// - Throws: `MessagingError`; also for a segment outside of the buffer.
    func startAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer

    /// Sends `sendCounts[r]` elements from `sendOffsets[r]` of `send` to each member r, and receives
    /// `receiveCounts[r]` elements from each into `receiveOffsets[r]` of `receive`. Only starts the transfer: both buffers
    /// must not be read or written until it has completed.
    /// - Throws: `MessagingError`; also for segments outside of the buffers, and buffers that overlap.
    func startAllToAll<Element: Transferable>(
        send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws -> any Transfer

    /// Splits the group: members that pass the same `group` (0 or more) form a group of their own, in the order of their
    /// ranks here. Every member must call it; both groups stay in use.
    /// - Throws: `MessagingError`.
    func split(group: Int) throws -> any Communicator

    /// Ends the whole job with `code`, on every member, without cleaning up. Never returns.
    func abort(code: Int32) -> Never
}

/// An exchange under way. It must be waited for (or tested until done) before its buffers are used or freed.
public protocol Transfer: AnyObject {
    /// Makes progress and tells whether the transfer has completed. Nonblocking transfers advance only while this or
    /// `wait` is called.
    /// - Throws: `MessagingError` if the transfer failed.
    func test() throws -> Bool
    /// Returns when the transfer has completed.
    /// - Throws: `MessagingError` if the transfer failed.
    func wait() throws
}

/// Element types that travel between ranks unchanged.
public protocol Transferable: BitwiseCopyable, Sendable {
    /// The type on the wire.
    static var transferType: TransferType { get }
}

/// The types that Lloyd sends; `byte` is unsigned.
public enum TransferType: Sendable, Hashable { case byte, int32, int64, float, double }

extension UInt8: Transferable { public static var transferType: TransferType { .byte } }
extension Int32: Transferable { public static var transferType: TransferType { .int32 } }
extension Int64: Transferable { public static var transferType: TransferType { .int64 } }
extension Float: Transferable { public static var transferType: TransferType { .float } }
extension Double: Transferable { public static var transferType: TransferType { .double } }

extension Communicator {
    /// `startAllGather`, and waits for it.
    public func allGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws {
        try startAllGather(buffer, counts: counts, offsets: offsets).wait()
    }

    /// `startAllToAll`, and waits for it.
    public func allToAll<Element: Transferable>(
        send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws {
        try startAllToAll(
            send: send, sendCounts: sendCounts, sendOffsets: sendOffsets, receive: receive,
            receiveCounts: receiveCounts, receiveOffsets: receiveOffsets
        ).wait()
    }

    /// One value from every member, in rank order.
    /// - Throws: `MessagingError`.
    public func allGather<Element: Transferable>(value: Element) throws -> [Element] {
        var values = [Element](repeating: value, count: size)
        try values.withUnsafeMutableBufferPointer {
            try allGather($0, counts: Array(repeating: 1, count: size), offsets: Array(0..<size))
        }
        return values
    }
}
