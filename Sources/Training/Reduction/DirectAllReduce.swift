import Messaging
import Numerics
import Stepping

/// The direct all-reduce of a chunk: a reduce-scatter, in which each rank's partial sums of a segment go to the segment's owner,
/// which adds them in tree order, and an all-gather of the segments.
///
///     let algorithm = DirectAllReduce(communicator: world, tree: tree)
///     let reduction = algorithm.reduction(of: 0..<layout.bytes)       // two phases
///
/// A short chunk costs one message instead of two: every rank gathers all partial sums and adds for itself.
final class DirectAllReduce: AllReduceAlgorithm {
    /// Chunks whose partial sums of all ranks together take at most so many bytes are gathered whole.
    var gatherLimit = defaultGatherLimit
    static let defaultGatherLimit = 1 << 17
    private(set) var bytesMoved = 0
    let phases = 2

    private let communicator: any Communicator
    /// The number of partial sums that each rank contributes, by rank.
    private let contributions: [Int]
    private let additions: TreeAdditions
    private var operands: [UnsafeMutableRawPointer] = []

    /// Memory of a chunk under way.
    private struct Memory {
        let packed = GrowingBuffer()
        let arrived = GrowingBuffer()
    }
    private let memory = (0..<2).map { _ in Memory() }

    init(communicator: any Communicator, tree: ReductionTree) {
        self.communicator = communicator
        let nodes = (0..<communicator.size).map {
            tree.partialNodes(of: tree.ownedShards(rank: $0, ranks: communicator.size))
        }
        contributions = nodes.map(\.count)
        additions = TreeAdditions(tree.additions(over: nodes.flatMap { $0 }), results: [0])
    }

    var ownContributions: Int { contributions[communicator.rank] }

    func reduction(of range: Range<Int>) -> any ChunkReduction {
        range.count * contributions.reduce(0, +) <= gatherLimit ? Gathered(self, range) : Scattered(self, range)
    }

    /// Adds everybody's partial sums of a part of the vector into the first of this rank's; the others lose their contents
    /// there.
    /// - Parameter own: whether this rank's partial sums are used where they are, and not as they arrived.
    private func add(
        _ part: Range<Int>, _ partials: [Statistics], _ buffer: GrowingBuffer, _ received: MemberBytes, own: Bool
    ) {
        operands.removeAll(keepingCapacity: true)
        let arrived = UnsafeMutableRawPointer(buffer.pointer)
        for other in 0..<communicator.size {
            for index in 0..<contributions[other] {
                operands.append(
                    own && other == communicator.rank
                        ? partials[index].memory + part.lowerBound
                        : arrived + received.offsets[other] + index * part.count)
            }
        }
        additions.add(operands, part, partials[0].layout, into: [partials[0].memory + part.lowerBound])
    }

    // MARK: Reduce-scatter, then all-gather

    private final class Scattered: ChunkReduction {
        private let algorithm: DirectAllReduce
        private let range: Range<Int>
        /// One for each rank, which adds it.
        private let segments: [Range<Int>]
        private let sent: MemberBytes
        private let received: MemberBytes
        private let gathered: MemberBytes

        init(_ algorithm: DirectAllReduce, _ range: Range<Int>) {
            self.algorithm = algorithm
            self.range = range
            let (rank, own) = (algorithm.communicator.rank, algorithm.ownContributions)
            let segments = evenSegments(of: range, count: algorithm.communicator.size)
            self.segments = segments
            // A single partial sum is sent from where it is.
            sent =
                own == 1
                ? MemberBytes(segments: segments, without: rank)
                : MemberBytes(segments.map { $0.count * own }, without: rank)
            received = MemberBytes(algorithm.contributions.map { $0 * segments[rank].count }, without: rank)
            gathered = MemberBytes(segments: segments)
        }

        private var mine: Range<Int> { segments[algorithm.communicator.rank] }

        func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)? {
            try phase == 0
                ? startReduceScatter(partials, algorithm.memory[slot]) : startAllGather(partials[0])
        }

        func complete(_ phase: Int, _ partials: [Statistics], slot: Int) {
            guard phase == 0 else { return }
            algorithm.add(mine, partials, algorithm.memory[slot].arrived, received, own: true)
        }

        private func startReduceScatter(_ partials: [Statistics], _ memory: Memory) throws -> any Transfer {
            algorithm.bytesMoved += received.end + sent.counts.reduce(0, +)
            let send =
                partials.count == 1
                ? UnsafeBufferPointer(bytes(of: partials[0], range)) : pack(partials, segments, sent, memory.packed)
            let receive = UnsafeMutableBufferPointer(
                start: memory.arrived.pointer(atLeast: received.end), count: received.end)
            return try algorithm.communicator.startAllToAll(
                send: send, sendCounts: sent.counts, sendOffsets: sent.offsets, receive: receive,
                receiveCounts: received.counts, receiveOffsets: received.offsets)
        }

        private func startAllGather(_ total: Statistics) throws -> any Transfer {
            algorithm.bytesMoved += range.count + mine.count * (algorithm.communicator.size - 2)
            return try algorithm.communicator.startAllGather(
                bytes(of: total, range), counts: gathered.counts, offsets: gathered.offsets)
        }
    }

    // MARK: All-gather, then everybody adds everything

    private final class Gathered: ChunkReduction {
        private let algorithm: DirectAllReduce
        private let range: Range<Int>
        private let received: MemberBytes

        init(_ algorithm: DirectAllReduce, _ range: Range<Int>) {
            self.algorithm = algorithm
            self.range = range
            received = MemberBytes(algorithm.contributions.map { $0 * range.count })
        }

        func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)? {
            guard phase == 0 else { return nil }
            let (rank, size) = (algorithm.communicator.rank, algorithm.communicator.size)
            let memory = algorithm.memory[slot].arrived.pointer(atLeast: received.end)
            let own = received.counts[rank]
            algorithm.bytesMoved += received.end - own + own * (size - 1)
            for (index, partial) in partials.enumerated() {
                copyBytes(to: memory + received.offsets[rank] + index * range.count, from: partial, range)
            }
            return try algorithm.communicator.startAllGather(
                UnsafeMutableBufferPointer(start: memory, count: received.end), counts: received.counts,
                offsets: received.offsets)
        }

        func complete(_ phase: Int, _ partials: [Statistics], slot: Int) {
            guard phase == 0 else { return }
            algorithm.add(range, partials, algorithm.memory[slot].arrived, received, own: false)
        }
    }
}
