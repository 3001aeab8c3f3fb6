/// A group of ranks that exchange typed buffers: the only thing the rest of Lloyd knows about message passing.
///
///     let world = try MPIEnvironment.start()                  // one rank without mpirun
///     var counts = [Int32](repeating: 0, count: world.size)
///     counts[world.rank] = Int32(world.rank)
///     try counts.withUnsafeMutableBufferPointer { try world.allGather($0, counts: ones, offsets: places) }
///
/// Two implementations share this interface: `MPICommunicator`, and `InProcessCommunicator`, whose members are threads
/// of one process, so that algorithms are tested without MPI. All members call the same collectives in the same order.
/// Any failure is thrown as `MessagingError`, which names the call.
///
/// No operation adds numbers: sums that reach a result follow an order of Lloyd's own (see `OrderedReduction` in
/// Training).
public protocol Communicator: AnyObject, Sendable {
    /// This member's number, 0..<size. Rank 0 is the coordinator.
    var rank: Int { get }
    /// The number of members.
    var size: Int { get }
    /// The host this member runs on, for messages to people.
    var hostName: String { get }

    /// Returns on every member after all have called it.
    func barrier() throws

    /// Copies root's `buffer` into every member's `buffer` of the same length.
    func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws

    /// Gathers in place: member r's segment `offsets[r] ..< offsets[r] + counts[r]` of `buffer` arrives in the same
    /// place on all members. Starts the transfer; `buffer` stays untouched until the returned transfer has completed.
    func startAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer

    /// Sends `sendCounts[r]` elements from `sendOffsets[r]` of `send` to each member r, and receives
    /// `receiveCounts[r]` elements from each into `receiveOffsets[r]` of `receive`. Starts the transfer; both buffers
    /// stay untouched until it has completed.
    func startAllToAll<Element: Transferable>(
        send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws -> any Transfer

    /// Splits the group: members that name the same number form a group of their own, in the order of their ranks here.
    /// Every member must call it; both groups stay in use.
    func split(group: Int) throws -> any Communicator

    /// Ends the whole job with `code`, on every member, without cleaning up. Never returns.
    func abort(code: Int32) -> Never
}

/// An exchange under way. It must be waited for (or tested until done) before its buffers are touched or freed.
public protocol Transfer: AnyObject {
    /// Makes progress and says whether the transfer has completed. Nonblocking transfers advance only when somebody
    /// calls this.
    func test() throws -> Bool
    /// Returns when the transfer has completed.
    func wait() throws
}

/// Element types that travel between ranks unchanged.
public protocol Transferable: BitwiseCopyable, Sendable {
    static var transferType: TransferType { get }
}

/// The wire types that Lloyd sends.
public enum TransferType: Sendable, Hashable { case byte, int32, int64, float, double }

extension UInt8: Transferable { public static var transferType: TransferType { .byte } }
extension Int32: Transferable { public static var transferType: TransferType { .int32 } }
extension Int64: Transferable { public static var transferType: TransferType { .int64 } }
extension Float: Transferable { public static var transferType: TransferType { .float } }
extension Double: Transferable { public static var transferType: TransferType { .double } }

extension Communicator {
    /// `startAllGather`, waited for.
    public func allGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws {
        try startAllGather(buffer, counts: counts, offsets: offsets).wait()
    }

    /// `startAllToAll`, waited for.
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
    public func allGather<Element: Transferable>(value: Element) throws -> [Element] {
        var values = [Element](repeating: value, count: size)
        try values.withUnsafeMutableBufferPointer {
            try allGather($0, counts: Array(repeating: 1, count: size), offsets: Array(0..<size))
        }
        return values
    }
}
