import Messaging
import Numerics
import Stepping

/// The direct reduction of a chunk: each rank's partial sums of a segment go to the segment's owner, which adds them in tree
/// order, and the segments are gathered.
///
///     let algorithm = DirectAllReduce(communicator: world, tree: tree)
///     let reduction = algorithm.reduction(of: 0..<layout.bytes)       // two phases
///
/// A short chunk costs one message instead of two: every rank gathers all partial sums and adds for itself.
final class DirectAllReduce: AllReduceAlgorithm {
    /// Pieces whose partial sums of all ranks together take at most so many bytes are gathered whole.
    var gatherLimit = defaultGatherLimit
    static let defaultGatherLimit = 1 << 17
    private(set) var bytesMoved = 0
    let phases = 2

    private let communicator: any Communicator
    /// The number of partial sums that each rank contributes, by rank.
    private let contributions: [Int]
    private let additions: TreeAdditions
    private var slots: [UnsafeMutableRawPointer] = []
    /// What arrives, for each chunk under way; what is packed goes out before the next is.
    private let arrived: [GrowingBuffer]
    private let packed: [GrowingBuffer]

    init(communicator: any Communicator, tree: ReductionTree) {
        self.communicator = communicator
        let nodes = (0..<communicator.size).map {
            tree.partialNodes(of: tree.ownedShards(rank: $0, ranks: communicator.size))
        }
        contributions = nodes.map(\.count)
        additions = TreeAdditions(tree.additions(over: nodes.flatMap { $0 }), results: [0])
        (arrived, packed) = ((0..<2).map { _ in GrowingBuffer() }, (0..<2).map { _ in GrowingBuffer() })
    }

    var ownContributions: Int { contributions[communicator.rank] }

    func reduction(of range: Range<Int>) -> any ChunkReduction { Reduction(self, chunk(range)) }

    private final class Reduction: ChunkReduction {
        private let transport: DirectAllReduce
        private let chunk: Chunk

        init(_ transport: DirectAllReduce, _ chunk: Chunk) { (self.transport, self.chunk) = (transport, chunk) }

        func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)? {
            try phase == 0
                ? transport.startReduceScatter(chunk, partials, slot) : transport.startAllGather(chunk, partials[0])
        }

        func complete(_ phase: Int, _ partials: [Statistics], slot: Int) {
            if phase == 0 { transport.add(chunk, partials, slot) }
        }
    }

    /// A part of the vector that travels at once, and what every rank sends and receives of it.
    private struct Chunk {
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

    private func chunk(_ range: Range<Int>) -> Chunk {
        let rank = communicator.rank
        let segments = evenSegments(of: range, count: communicator.size)
        let bytes = segments.map(\.count)
        if range.count * contributions.reduce(0, +) <= gatherLimit {
            let counts = contributions.map { $0 * range.count }
            return Chunk(
                range: range, mine: range, isGatheredWhole: true, segments: segments, sendCounts: [], sendOffsets: [],
                receiveCounts: counts, receiveOffsets: starts(of: counts), gatherCounts: [], gatherOffsets: [])
        }
        var sendCounts = bytes.map { $0 * contributions[rank] }
        var receiveCounts = contributions.map { $0 * bytes[rank] }
        sendCounts[rank] = 0
        receiveCounts[rank] = 0
        let offsets = segments.map { $0.lowerBound - range.lowerBound }
        return Chunk(
            range: range, mine: segments[rank], isGatheredWhole: false, segments: segments, sendCounts: sendCounts,
            sendOffsets: contributions[rank] == 1 ? offsets : starts(of: sendCounts), receiveCounts: receiveCounts,
            receiveOffsets: starts(of: receiveCounts), gatherCounts: bytes, gatherOffsets: offsets)
    }

    // MARK: Messages

    /// Starts the way of this rank's partial sums, all rows of which are touched, to those who add them.
    private func startReduceScatter(_ chunk: Chunk, _ partials: [Statistics], _ slot: Int) throws -> any Transfer {
        let rank = communicator.rank
        let memory = arrived[slot].pointer(atLeast: chunk.received)
        let receive = UnsafeMutableBufferPointer(start: memory, count: chunk.received)
        if chunk.isGatheredWhole {
            let own = chunk.receiveCounts[rank]
            bytesMoved += chunk.received - own + own * (communicator.size - 1)
            for (place, partial) in partials.enumerated() {
                copyBytes(
                    to: memory + chunk.receiveOffsets[rank] + place * chunk.range.count, from: partial, chunk.range)
            }
            return try communicator.startAllGather(
                receive, counts: chunk.receiveCounts, offsets: chunk.receiveOffsets)
        }
        bytesMoved += chunk.received + chunk.sendCounts.reduce(0, +)
        let send =
            partials.count == 1
            ? UnsafeBufferPointer(bytes(of: partials[0], chunk.range))
            : pack(partials, chunk.segments, chunk.sendCounts, chunk.sendOffsets, packed[slot])
        return try communicator.startAllToAll(
            send: send, sendCounts: chunk.sendCounts, sendOffsets: chunk.sendOffsets, receive: receive,
            receiveCounts: chunk.receiveCounts, receiveOffsets: chunk.receiveOffsets)
    }

    /// Adds what has arrived into this rank's segment of the first partial sum; the others lose their contents there.
    private func add(_ chunk: Chunk, _ partials: [Statistics], _ slot: Int) {
        slots.removeAll(keepingCapacity: true)
        let memory = UnsafeMutableRawPointer(arrived[slot].pointer)
        for other in 0..<communicator.size {
            let own = other == communicator.rank && !chunk.isGatheredWhole
            for place in 0..<contributions[other] {
                slots.append(
                    own
                        ? partials[place].memory + chunk.mine.lowerBound
                        : memory + chunk.receiveOffsets[other] + place * chunk.mine.count)
            }
        }
        additions.add(
            slots, chunk.mine, partials[0].layout, into: [partials[0].memory + chunk.mine.lowerBound])
    }

    /// Starts the gathering of the segments that the ranks have added; nil where each has added everything.
    private func startAllGather(_ chunk: Chunk, _ total: Statistics) throws -> (any Transfer)? {
        if chunk.isGatheredWhole { return nil }
        bytesMoved += chunk.range.count + chunk.mine.count * (communicator.size - 2)
        return try communicator.startAllGather(
            bytes(of: total, chunk.range), counts: chunk.gatherCounts, offsets: chunk.gatherOffsets)
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
