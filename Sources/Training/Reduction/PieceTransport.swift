import Messaging
import Numerics
import Stepping

/// The straight way of a piece: each rank's partial sums of a segment go to the segment's owner, which adds them in tree
/// order, and the segments are gathered.
///
///     let route = PieceTransport(communicator: world, tree: tree)
///     let journey = route.journey(of: 0..<layout.bytes)       // two phases
///
/// A short piece costs one message instead of two: every rank gathers all partial sums and adds for itself.
final class PieceTransport: ExchangeRoute {
    /// Pieces whose partial sums of all ranks together take at most so many bytes are gathered whole.
    var gatherLimit = defaultGatherLimit
    static let defaultGatherLimit = 1 << 17
    private(set) var bytesMoved = 0
    let phases = 2

    private let communicator: any Communicator
    /// The number of partial sums that each rank contributes, by rank.
    private let contributions: [Int]
    private let additions: SlotAdditions
    private var slots: [UnsafeMutableRawPointer] = []
    /// What arrives, for each piece under way; what is packed goes out before the next is.
    private let arrived: [GrowingBuffer]
    private let packed: [GrowingBuffer]

    init(communicator: any Communicator, tree: ReductionTree) {
        self.communicator = communicator
        let nodes = (0..<communicator.size).map {
            tree.partialNodes(of: tree.ownedShards(rank: $0, ranks: communicator.size))
        }
        contributions = nodes.map(\.count)
        additions = SlotAdditions(tree.additions(over: nodes.flatMap { $0 }), results: [0])
        (arrived, packed) = ((0..<2).map { _ in GrowingBuffer() }, (0..<2).map { _ in GrowingBuffer() })
    }

    var ownContributions: Int { contributions[communicator.rank] }

    func journey(of range: Range<Int>) -> any PieceJourney { Journey(self, piece(range)) }

    private final class Journey: PieceJourney {
        private let transport: PieceTransport
        private let piece: Piece

        init(_ transport: PieceTransport, _ piece: Piece) { (self.transport, self.piece) = (transport, piece) }

        func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)? {
            try phase == 0
                ? transport.startScatter(piece, partials, slot) : transport.startGather(piece, partials[0])
        }

        func complete(_ phase: Int, _ partials: [Statistics], slot: Int) {
            if phase == 0 { transport.add(piece, partials, slot) }
        }
    }

    /// A part of the vector that travels at once, and what every rank sends and receives of it.
    private struct Piece {
        /// In bytes from the vector's start.
        let range: Range<Int>
        /// What this rank adds: its segment, or all where everybody gathers everything.
        let mine: Range<Int>
        let isGatheredWhole: Bool
        let segments: [Range<Int>]
        let sendCounts: [Int]
        let sendOffsets: [Int]
        let receiveCounts: [Int]
        let receiveOffsets: [Int]
        let gatherCounts: [Int]
        let gatherOffsets: [Int]
        var received: Int { receiveOffsets.last! + receiveCounts.last! }
    }

    private func piece(_ range: Range<Int>) -> Piece {
        let rank = communicator.rank
        let segments = evenSegments(of: range, count: communicator.size)
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
    private func startScatter(_ piece: Piece, _ partials: [Statistics], _ slot: Int) throws -> any Transfer {
        let rank = communicator.rank
        let memory = arrived[slot].pointer(atLeast: piece.received)
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
        let send =
            partials.count == 1
            ? UnsafeBufferPointer(bytes(of: partials[0], piece.range))
            : pack(partials, piece.segments, piece.sendCounts, piece.sendOffsets, packed[slot])
        return try communicator.startAllToAll(
            send: send, sendCounts: piece.sendCounts, sendOffsets: piece.sendOffsets, receive: receive,
            receiveCounts: piece.receiveCounts, receiveOffsets: piece.receiveOffsets)
    }

    /// Adds what has arrived into this rank's segment of the first partial sum; the others lose their contents there.
    private func add(_ piece: Piece, _ partials: [Statistics], _ slot: Int) {
        slots.removeAll(keepingCapacity: true)
        let memory = UnsafeMutableRawPointer(arrived[slot].pointer)
        for other in 0..<communicator.size {
            let own = other == communicator.rank && !piece.isGatheredWhole
            for place in 0..<contributions[other] {
                slots.append(
                    own
                        ? partials[place].memory + piece.mine.lowerBound
                        : memory + piece.receiveOffsets[other] + place * piece.mine.count)
            }
        }
        additions.add(
            slots, piece.mine, partials[0].layout, into: [partials[0].memory + piece.mine.lowerBound])
    }

    /// Starts the gathering of the segments that the ranks have added; nil where each has added everything.
    private func startGather(_ piece: Piece, _ total: Statistics) throws -> (any Transfer)? {
        if piece.isGatheredWhole { return nil }
        bytesMoved += piece.range.count + piece.mine.count * (communicator.size - 2)
        return try communicator.startAllGather(
            bytes(of: total, piece.range), counts: piece.gatherCounts, offsets: piece.gatherOffsets)
    }
}

/// Lays what goes to one member side by side: its segment of every partial sum.
func pack(
    _ partials: [Statistics], _ segments: [Range<Int>], _ counts: [Int], _ offsets: [Int], _ buffer: GrowingBuffer
) -> UnsafeBufferPointer<UInt8> {
    let length = offsets.last! + counts.last!
    let memory = buffer.pointer(atLeast: length)
    for (other, segment) in segments.enumerated() where counts[other] > 0 {
        for (place, partial) in partials.enumerated() {
            copyBytes(to: memory + offsets[other] + place * segment.count, from: partial, segment)
        }
    }
    return UnsafeBufferPointer(start: memory, count: length)
}

func bytes(of statistics: Statistics, _ range: Range<Int>) -> UnsafeMutableBufferPointer<UInt8> {
    let start = (statistics.memory + range.lowerBound).assumingMemoryBound(to: UInt8.self)
    return UnsafeMutableBufferPointer(start: start, count: range.count)
}

func copyBytes(to destination: UnsafeMutablePointer<UInt8>, from statistics: Statistics, _ range: Range<Int>) {
    UnsafeMutableRawPointer(destination).copyMemory(
        from: statistics.memory + range.lowerBound, byteCount: range.count)
}
