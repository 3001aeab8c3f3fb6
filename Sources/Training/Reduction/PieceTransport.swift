import Messaging
import Numerics

/// How one piece of the vector crosses the ranks: each rank's partial sums of a segment go to the segment's owner, which
/// adds them in tree order, and the segments are gathered. Nothing here waits; its callers decide on the order.
///
///     let piece = transport.piece(transport.evenSegments(of: 0..<layout.bytes))
///     try transport.start(piece, partials, buffers).wait()
///     transport.add(piece, partials, buffers)
///     try transport.startGather(piece, partials[0])?.wait()
///
/// A short piece costs one message instead of two: every rank gathers all partial sums and adds for itself.
final class PieceTransport {
    /// Pieces whose partial sums of all ranks together take at most so many bytes are gathered whole.
    var gatherLimit = defaultGatherLimit
    static let defaultGatherLimit = 1 << 17
    /// Bytes this rank has sent and received so far.
    private(set) var bytesMoved = 0

    let communicator: any Communicator
    /// The number of partial sums that each rank contributes, by rank.
    let contributions: [Int]
    private let additions: [(left: Int, right: Int)]
    private var slots: [UnsafeMutableRawPointer] = []

    init(communicator: any Communicator, tree: ReductionTree) {
        self.communicator = communicator
        let nodes = (0..<communicator.size).map {
            tree.partialNodes(of: tree.ownedShards(rank: $0, ranks: communicator.size))
        }
        contributions = nodes.map(\.count)
        additions = tree.additions(over: nodes.flatMap { $0 })
    }

    /// A part of the vector that travels at once, and what every rank sends and receives of it.
    struct Piece {
        /// In bytes from the vector's start.
        let range: Range<Int>
        /// What this rank adds: its segment, or all where everybody gathers everything.
        let mine: Range<Int>
        let isGatheredWhole: Bool
        fileprivate let segments: [Range<Int>]
        fileprivate let sendCounts: [Int]
        fileprivate let sendOffsets: [Int]
        fileprivate let receiveCounts: [Int]
        fileprivate let receiveOffsets: [Int]
        fileprivate let gatherCounts: [Int]
        fileprivate let gatherOffsets: [Int]
        fileprivate var received: Int { receiveOffsets.last! + receiveCounts.last! }
    }

    /// Memory for what is packed to be sent and for what arrives, one for each piece under way.
    struct Buffers {
        let send: GrowingBuffer
        let receive: GrowingBuffer
    }

    /// Memory that is kept from piece to piece and grows where it must.
    final class GrowingBuffer {
        private var buffer = AlignedBuffer<UInt8>(count: 0)

        func pointer(atLeast count: Int) -> UnsafeMutablePointer<UInt8> {
            if buffer.count < count { buffer = AlignedBuffer(count: count) }
            return buffer.pointer
        }

        var pointer: UnsafeMutablePointer<UInt8> { buffer.pointer }
    }

    // MARK: Cutting

    /// One segment a rank, whose bounds are multiples of 64 bytes from the start, but for the end: so no two ranks share a
    /// cache line and no number is cut.
    func evenSegments(of range: Range<Int>) -> [Range<Int>] {
        let size = communicator.size
        func bound(_ rank: Int) -> Int {
            rank == size ? range.upperBound : range.lowerBound + range.count / 64 * rank / size * 64
        }
        return (0..<size).map { bound($0)..<bound($0 + 1) }
    }

    /// The piece that consists of these segments, one a rank.
    func piece(_ segments: [Range<Int>]) -> Piece {
        let rank = communicator.rank
        let range = segments.first!.lowerBound..<segments.last!.upperBound
        let bytes = segments.map(\.count)
        if range.count * contributions.reduce(0, +) <= gatherLimit {
            let counts = contributions.map { $0 * range.count }
            return Piece(
                range: range, mine: range, isGatheredWhole: true, segments: segments, sendCounts: [], sendOffsets: [],
                receiveCounts: counts, receiveOffsets: starts(of: counts), gatherCounts: [], gatherOffsets: [])
        }
        var sendCounts = bytes.map { $0 * contributions[rank] }
        var receiveCounts = contributions.map { $0 * bytes[rank] }
        sendCounts[rank] = 0
        receiveCounts[rank] = 0
        let offsets = segments.map { $0.lowerBound - range.lowerBound }
        return Piece(
            range: range, mine: segments[rank], isGatheredWhole: false, segments: segments, sendCounts: sendCounts,
            sendOffsets: contributions[rank] == 1 ? offsets : starts(of: sendCounts), receiveCounts: receiveCounts,
            receiveOffsets: starts(of: receiveCounts), gatherCounts: bytes, gatherOffsets: offsets)
    }

    // MARK: Travelling

    /// Starts the way of this rank's partial sums, all rows of which are touched, to those who add them.
    func start(_ piece: Piece, _ partials: [Statistics], _ buffers: Buffers) throws -> any Transfer {
        let rank = communicator.rank
        let memory = buffers.receive.pointer(atLeast: piece.received)
        let receive = UnsafeMutableBufferPointer(start: memory, count: piece.received)
        if piece.isGatheredWhole {
            let own = piece.receiveCounts[rank]
            bytesMoved += piece.received - own + own * (communicator.size - 1)
            for (place, partial) in partials.enumerated() {
                copyBytes(
                    to: memory + piece.receiveOffsets[rank] + place * piece.range.count, from: partial, piece.range)
            }
            return try communicator.startAllGather(
                receive, counts: piece.receiveCounts, offsets: piece.receiveOffsets)
        }
        bytesMoved += piece.received + piece.sendCounts.reduce(0, +)
        let send: UnsafeBufferPointer<UInt8>
        if partials.count == 1 {
            send = UnsafeBufferPointer(bytes(of: partials[0], piece.range))
        } else {
            send = pack(piece, partials, buffers.send)
        }
        return try communicator.startAllToAll(
            send: send, sendCounts: piece.sendCounts, sendOffsets: piece.sendOffsets, receive: receive,
            receiveCounts: piece.receiveCounts, receiveOffsets: piece.receiveOffsets)
    }

    /// Adds what has arrived into this rank's segment of the first partial sum; the others lose their contents there.
    func add(_ piece: Piece, _ partials: [Statistics], _ buffers: Buffers) {
        slots.removeAll(keepingCapacity: true)
        let arrived = UnsafeMutableRawPointer(buffers.receive.pointer)
        for other in 0..<communicator.size {
            let own = other == communicator.rank && !piece.isGatheredWhole
            for place in 0..<contributions[other] {
                slots.append(
                    own
                        ? partials[place].memory + piece.mine.lowerBound
                        : arrived + piece.receiveOffsets[other] + place * piece.mine.count)
            }
        }
        add(piece.mine, partials[0].layout, into: partials[0].memory + piece.mine.lowerBound)
    }

    /// Starts the gathering of the segments that the ranks have added; nil where each has added everything.
    func startGather(_ piece: Piece, _ total: Statistics) throws -> (any Transfer)? {
        if piece.isGatheredWhole { return nil }
        bytesMoved += piece.range.count + piece.mine.count * (communicator.size - 2)
        return try communicator.startAllGather(
            bytes(of: total, piece.range), counts: piece.gatherCounts, offsets: piece.gatherOffsets)
    }

    /// Lays what goes to one rank side by side.
    private func pack(
        _ piece: Piece, _ partials: [Statistics], _ buffer: GrowingBuffer
    ) -> UnsafeBufferPointer<UInt8> {
        let length = piece.sendOffsets.last! + piece.sendCounts.last!
        let memory = buffer.pointer(atLeast: length)
        for (other, segment) in piece.segments.enumerated() where piece.sendCounts[other] > 0 {
            for (place, partial) in partials.enumerated() {
                copyBytes(to: memory + piece.sendOffsets[other] + place * segment.count, from: partial, segment)
            }
        }
        return UnsafeBufferPointer(start: memory, count: length)
    }

    /// Adds the slots, each the part `range` of a vector, in tree order; a block at a time, so that intermediate sums
    /// stay in the cache.
    private func add(_ range: Range<Int>, _ layout: StatisticsLayout, into destination: UnsafeMutableRawPointer) {
        let block = 1 << 14
        for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
            let part = start..<min(start + block, range.upperBound)
            let skipped = start - range.lowerBound
            for (index, addition) in additions.enumerated() {
                let left = slots[addition.left] + skipped
                let sum = index == additions.count - 1 ? destination + skipped : left
                layout.add(part, sum, left, slots[addition.right] + skipped)
            }
        }
    }

    private func bytes(of statistics: Statistics, _ range: Range<Int>) -> UnsafeMutableBufferPointer<UInt8> {
        let start = (statistics.memory + range.lowerBound).assumingMemoryBound(to: UInt8.self)
        return UnsafeMutableBufferPointer(start: start, count: range.count)
    }

    private func copyBytes(
        to destination: UnsafeMutablePointer<UInt8>, from statistics: Statistics, _ range: Range<Int>
    ) {
        UnsafeMutableRawPointer(destination).copyMemory(
            from: statistics.memory + range.lowerBound, byteCount: range.count)
    }
}

/// Where each count's elements begin when all lie side by side.
private func starts(of counts: [Int]) -> [Int] {
    var next = 0
    return counts.map { count in
        defer { next += count }
        return next
    }
}
