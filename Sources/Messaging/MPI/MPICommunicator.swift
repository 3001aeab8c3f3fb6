import COpenMPI
import Core
import Foundation

/// The ranks of an MPI job.
///
///     let world = try MPIEnvironment.start()
///     try world.broadcast(settings, root: 0)
///     let transfer = try world.startAllGather(buffer, counts: counts, offsets: offsets)
///     try transfer.wait()
///
/// Collectives are MPI's nonblocking ones (MPI 3.1); `wait` spins inside MPI. Segments beyond MPI's 32-bit counts travel
/// as derived types, or in pieces. Any thread may call, one at a time.
public final class MPICommunicator: Communicator, @unchecked Sendable {
    public let rank: Int
    public let size: Int
    public let hostName: String

    private let handle: MPI_Comm?
    private let calls: MPICall
    /// The call of a transfer that was dropped before it completed: nothing may follow it.
    private let dropped = Locked<String?>(nil)

    init(_ handle: MPI_Comm?) throws {
        let host = HostName.current
        let early = MPICall(rank: 0, host: host)
        var rank: Int32 = 0
        var size: Int32 = 0
        try early.check("MPI_Comm_rank", MPI_Comm_rank(handle, &rank))
        try early.check("MPI_Comm_size", MPI_Comm_size(handle, &size))
        self.handle = handle
        self.rank = Int(rank)
        self.size = Int(size)
        hostName = host
        calls = MPICall(rank: Int(rank), host: host)
    }

    public func barrier() throws {
        try refuseAfterDrop("MPI_Barrier")
        try calls.check("MPI_Barrier", MPI_Barrier(handle))
    }

    public func broadcast<Element: Transferable>(_ buffer: UnsafeMutableBufferPointer<Element>, root: Int) throws {
        try refuseAfterDrop("MPI_Bcast")
        if let problem = TransferChecks.root(root, size: size) { throw calls.refused("MPI_Bcast", problem) }
        var start = 0
        repeat {
            let count = min(buffer.count - start, SegmentShape.limit)
            try calls.check(
                "MPI_Bcast",
                MPI_Bcast(
                    buffer.baseAddress.map { $0 + start }, Int32(count), Element.transferType.mpi, Int32(root),
                    handle))
            start += count
        } while start < buffer.count
    }

    public func startAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer {
        try refuseAfterDrop("MPI_Iallgatherv")
        if let problem = TransferChecks.segments(
            counts: counts, offsets: offsets, length: buffer.count, size: size, of: "the buffer")
        {
            throw calls.refused("MPI_Iallgatherv", problem)
        }
        // The same on all ranks, because counts and offsets are.
        let isLarge = (0..<size).contains { counts[$0] > SegmentShape.limit || offsets[$0] > SegmentShape.limit }
        if isLarge { return try startLargeAllGather(buffer, counts: counts, offsets: offsets) }

        let transfer = MPITransfer(self, "MPI_Iallgatherv", numbers: 2 * size, types: 0)
        for member in 0..<size {
            transfer.numbers[member] = Int32(counts[member])
            transfer.numbers[size + member] = Int32(offsets[member])
        }
        try transfer.start {
            MPI_Iallgatherv(
                lloyd_mpi_in_place(), 0, Element.transferType.mpi, buffer.baseAddress, transfer.numbers,
                transfer.numbers + size, Element.transferType.mpi, handle, $0)
        }
        return transfer
    }

    /// An in-place gather beyond 32-bit counts: each rank sends its segment to all others and keeps its own.
    private func startLargeAllGather<Element: Transferable>(
        _ buffer: UnsafeMutableBufferPointer<Element>, counts: [Int], offsets: [Int]
    ) throws -> any Transfer {
        var sendCounts = [Int](repeating: counts[rank], count: size)
        var receiveCounts = counts
        sendCounts[rank] = 0
        receiveCounts[rank] = 0
        // Open MPI takes equal send and receive addresses for MPI_IN_PLACE: begin one element earlier.
        return try startExchange(
            "MPI_Ialltoallw (for allGather)", type: Element.transferType,
            send: buffer.baseAddress.map { UnsafeRawPointer($0 - 1) },
            sendCounts: sendCounts, sendOffsets: Array(repeating: offsets[rank] + 1, count: size),
            receive: UnsafeMutableRawPointer(buffer.baseAddress), receiveCounts: receiveCounts, receiveOffsets: offsets)
    }

    public func startAllToAll<Element: Transferable>(
        send: UnsafeBufferPointer<Element>, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableBufferPointer<Element>, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws -> any Transfer {
        let call: StaticString = "MPI_Ialltoallw"
        try refuseAfterDrop(call)
        if let problem = TransferChecks.exchange(
            rank: rank, size: size, send: send, sendCounts: sendCounts, sendOffsets: sendOffsets, receive: receive,
            receiveCounts: receiveCounts, receiveOffsets: receiveOffsets)
        {
            throw calls.refused(call, problem)
        }
        return try startExchange(
            call, type: Element.transferType, send: UnsafeRawPointer(send.baseAddress), sendCounts: sendCounts,
            sendOffsets: sendOffsets, receive: UnsafeMutableRawPointer(receive.baseAddress),
            receiveCounts: receiveCounts, receiveOffsets: receiveOffsets)
    }

    /// MPI_Ialltoallw, which takes a type for each segment: a rank whose segments lie beyond 32 bits describes them by
    /// derived types, and the others need not know.
    private func startExchange(
        _ call: StaticString, type: TransferType, send: UnsafeRawPointer?, sendCounts: [Int], sendOffsets: [Int],
        receive: UnsafeMutableRawPointer?, receiveCounts: [Int], receiveOffsets: [Int]
    ) throws -> any Transfer {
        let transfer = MPITransfer(self, call, numbers: 4 * size, types: 2 * size)
        do {
            for member in 0..<size {
                transfer.set(
                    member, rows: size, first: 0,
                    try SegmentShape(count: sendCounts[member], offset: sendOffsets[member], type: type, calls))
                transfer.set(
                    member, rows: size, first: size,
                    try SegmentShape(count: receiveCounts[member], offset: receiveOffsets[member], type: type, calls))
            }
        } catch {
            transfer.finish()
            throw error
        }
        let (numbers, types) = (transfer.numbers, transfer.types)
        // Two empty buffers without memory would be equal addresses, too.
        let send = send ?? UnsafeRawPointer(numbers)
        try transfer.start {
            MPI_Ialltoallw(
                send, numbers, numbers + size, types, receive, numbers + 2 * size, numbers + 3 * size, types + size,
                handle, $0)
        }
        return transfer
    }

    /// MPI_Comm_split. The new communicator exists as long as the job.
    public func split(group: Int) throws -> any Communicator {
        try refuseAfterDrop("MPI_Comm_split")
        guard let color = Int32(exactly: group), color >= 0 else {
            throw calls.refused("MPI_Comm_split", "\(group) is not the number of a group; these are 0 to \(Int32.max)")
        }
        var new: MPI_Comm?
        try calls.check("MPI_Comm_split", MPI_Comm_split(handle, color, Int32(rank), &new))
        return try MPICommunicator(new)
    }

    /// Flushes this process's output, then MPI_Abort: the launcher ends all ranks and returns `code`.
    public func abort(code: Int32) -> Never {
        fflush(nil)
        MPI_Abort(handle, code)
        _exit(code)
    }

    /// The error for a return code of a call on this communicator.
    func failed(_ call: StaticString, _ code: Int32) -> MessagingError { calls.error(call, code) }

    /// Remembers that a transfer was dropped under way.
    func noteDropped(_ call: StaticString) { dropped.withLock { $0 = $0 ?? "\(call)" } }

    /// Whether MPI can still be ended in an orderly way.
    var hasDroppedTransfer: Bool { dropped.withLock { $0 != nil } }

    private func refuseAfterDrop(_ call: StaticString) throws {
        if let lost = dropped.withLock({ $0 }) {
            throw calls.refused(
                call,
                "an earlier \(lost) was dropped before it completed; wait for every transfer before dropping it")
        }
    }
}
