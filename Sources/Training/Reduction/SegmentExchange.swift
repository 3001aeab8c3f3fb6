import Messaging
import Numerics

/// The part of the ordered reduction that crosses ranks: each rank adds one segment of the vector, then all gather.
///
///     let exchange = SegmentExchange(communicator: world, tree: tree)
///     let partials = [left, right]                // one for each of tree.partialNodes(of: this rank's shards)
///     try exchange.reduce(partials)               // partials[0] is now the sum over all shards, on every rank
///     // the same bytes on any number of ranks
///
/// Every rank sends every other rank its partial sums of that rank's segment, the owner adds them in tree order, and the
/// segments are gathered: for a power-of-two number of ranks this moves what a ring all-reduce moves,
/// 2 (R - 1) / R of the vector per rank. A long vector goes in pieces: what has just arrived is added while it is in the
/// cache, and the next piece is on its way meanwhile. A short one costs one message instead of two: every rank gathers
/// all partial sums and adds for itself.
package final class SegmentExchange {
    /// Vectors whose partial sums of all ranks together take at most so many bytes are gathered whole.
    package var gatherLimit = 1 << 17
    /// The longest segment of a rank in one piece, in bytes.
    package var segmentLimit = 1 << 20
    /// Bytes this rank has sent and received so far.
    package private(set) var bytesMoved = 0

    private let communicator: any Communicator
    /// The number of partial sums that each rank contributes, by rank.
    private let contributions: [Int]
    private let additions: [(left: Int, right: Int)]
    private var sendBuffer = AlignedBuffer<UInt8>(count: 0)
    /// Two, because a piece arrives while the one before is added.
    private var receiveBuffers = [AlignedBuffer<UInt8>(count: 0), AlignedBuffer<UInt8>(count: 0)]

    package init(communicator: any Communicator, tree: ReductionTree) {
        self.communicator = communicator
        let nodes = (0..<communicator.size).map {
            tree.partialNodes(of: tree.ownedShards(rank: $0, ranks: communicator.size))
        }
        contributions = nodes.map(\.count)
        additions = tree.additions(over: nodes.flatMap { $0 })
    }

    /// Adds the ranks' partial sums, whose rows are all touched, in tree order. The sum is left in the first of them;
    /// the others keep or lose their contents.
    package func reduce(_ partials: [Statistics]) throws {
        precondition(partials.count == contributions[communicator.rank], "a partial sum for each node of the rank")
        let layout = partials[0].layout
        // One rank's only partial sum is the whole.
        guard communicator.size > 1, layout.bytes > 0 else { return }
        if layout.bytes * contributions.reduce(0, +) <= gatherLimit {
            try gatherWhole(partials, layout)
        } else {
            try exchangeSegments(partials, layout)
        }
    }

    // MARK: Short vectors

    private func gatherWhole(_ partials: [Statistics], _ layout: StatisticsLayout) throws {
        let counts = contributions.map { $0 * layout.bytes }
        let offsets = starts(of: counts)
        let length = offsets.last! + counts.last!
        grow(&receiveBuffers[0], to: length)
        let all = receiveBuffers[0].pointer
        bytesMoved += length - counts[communicator.rank] + counts[communicator.rank] * (communicator.size - 1)
        for (place, partial) in partials.enumerated() {
            memoryCopy(all + offsets[communicator.rank] + place * layout.bytes, partial.memory, layout.bytes)
        }
        try communicator.allGather(UnsafeMutableBufferPointer(start: all, count: length), counts: counts, offsets: offsets)
        let slots = (0..<length / layout.bytes).map { UnsafeMutableRawPointer(all + $0 * layout.bytes) }
        add(slots, 0..<layout.bytes, layout, into: partials[0].memory)
    }

    // MARK: Long vectors

    private func exchangeSegments(_ partials: [Statistics], _ layout: StatisticsLayout) throws {
        let pieces = Pieces(bytes: layout.bytes, ranks: communicator.size, segmentLimit: segmentLimit)
        var gathering: (any Transfer)?
        var arriving = try startExchange(of: 0, pieces, partials)
        for piece in 0..<pieces.count {
            try arriving.transfer.wait()
            let arrived = arriving
            if piece + 1 < pieces.count { arriving = try startExchange(of: piece + 1, pieces, partials) }
            let mine = pieces.segment(communicator.rank, of: piece)
            add(slots(arrived, partials, mine), mine, layout, into: partials[0].memory + mine.lowerBound)
            try gathering?.wait()
            gathering = try startGather(of: piece, pieces, partials[0])
        }
        try gathering?.wait()
    }

    /// One piece's partial sums of this rank's segment, on their way from all others.
    private struct Arrival {
        var transfer: any Transfer
        var memory: UnsafeMutablePointer<UInt8>
        /// Where each rank's partial sums begin in `memory`.
        var offsets: [Int]
    }

    private func startExchange(of piece: Int, _ pieces: Pieces, _ partials: [Statistics]) throws -> Arrival {
        let rank = communicator.rank
        let segments = (0..<communicator.size).map { pieces.segment($0, of: piece) }
        var sendCounts = segments.map { $0.count * partials.count }
        sendCounts[rank] = 0
        let sendOffsets: [Int]
        let send: UnsafeBufferPointer<UInt8>
        if partials.count == 1 {
            sendOffsets = segments.map(\.lowerBound)
            send = UnsafeBufferPointer(
                start: partials[0].memory.assumingMemoryBound(to: UInt8.self), count: pieces.bytes)
        } else {
            sendOffsets = starts(of: sendCounts)
            send = pack(partials, segments, sendCounts, sendOffsets)
        }
        var receiveCounts = contributions.map { $0 * segments[rank].count }
        receiveCounts[rank] = 0
        let receiveOffsets = starts(of: receiveCounts)
        let received = receiveOffsets.last! + receiveCounts.last!
        grow(&receiveBuffers[piece & 1], to: received)
        let memory = receiveBuffers[piece & 1].pointer
        bytesMoved += received + sendCounts.reduce(0, +)
        let transfer = try communicator.startAllToAll(
            send: send, sendCounts: sendCounts, sendOffsets: sendOffsets,
            receive: UnsafeMutableBufferPointer(start: memory, count: received), receiveCounts: receiveCounts,
            receiveOffsets: receiveOffsets)
        return Arrival(transfer: transfer, memory: memory, offsets: receiveOffsets)
    }

    /// Lays what goes to one rank side by side. The buffer is free: the piece before has been sent.
    private func pack(
        _ partials: [Statistics], _ segments: [Range<Int>], _ counts: [Int], _ offsets: [Int]
    ) -> UnsafeBufferPointer<UInt8> {
        let length = offsets.last! + counts.last!
        grow(&sendBuffer, to: length)
        for (other, segment) in segments.enumerated() where counts[other] > 0 {
            for (place, partial) in partials.enumerated() {
                memoryCopy(
                    sendBuffer.pointer + offsets[other] + place * segment.count, partial.memory + segment.lowerBound,
                    segment.count)
            }
        }
        return UnsafeBufferPointer(start: sendBuffer.pointer, count: length)
    }

    /// Where the partial sums of this rank's segment lie, in the order of their shards.
    private func slots(_ arrival: Arrival, _ partials: [Statistics], _ mine: Range<Int>) -> [UnsafeMutableRawPointer] {
        (0..<communicator.size).flatMap { other in
            (0..<contributions[other]).map { place in
                other == communicator.rank
                    ? partials[place].memory + mine.lowerBound
                    : UnsafeMutableRawPointer(arrival.memory + arrival.offsets[other] + place * mine.count)
            }
        }
    }

    private func startGather(of piece: Int, _ pieces: Pieces, _ total: Statistics) throws -> any Transfer {
        let segments = (0..<communicator.size).map { pieces.segment($0, of: piece) }
        bytesMoved += segments.reduce(0) { $0 + $1.count } + segments[communicator.rank].count * (communicator.size - 2)
        return try communicator.startAllGather(
            UnsafeMutableBufferPointer(
                start: total.memory.assumingMemoryBound(to: UInt8.self), count: pieces.bytes),
            counts: segments.map(\.count), offsets: segments.map(\.lowerBound))
    }

    // MARK: Additions

    /// Adds the slots, each the part `range` of a vector, in tree order; a block at a time, so that intermediate sums
    /// stay in the cache.
    private func add(
        _ slots: [UnsafeMutableRawPointer], _ range: Range<Int>, _ layout: StatisticsLayout,
        into destination: UnsafeMutableRawPointer
    ) {
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

    private func grow(_ buffer: inout AlignedBuffer<UInt8>, to count: Int) {
        if buffer.count < count { buffer = AlignedBuffer(count: count) }
    }

    private func memoryCopy(
        _ destination: UnsafeMutablePointer<UInt8>, _ source: UnsafeMutableRawPointer, _ bytes: Int
    ) {
        UnsafeMutableRawPointer(destination).copyMemory(from: source, byteCount: bytes)
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

/// How a vector is cut: into equal pieces one after the other, each into a segment per rank. All bounds but the end are
/// multiples of 64 bytes, so that no two ranks share a cache line and no number is cut.
private struct Pieces {
    let bytes: Int
    let ranks: Int
    let count: Int

    init(bytes: Int, ranks: Int, segmentLimit: Int) {
        self.bytes = bytes
        self.ranks = ranks
        count = max(1, (bytes + ranks * segmentLimit - 1) / (ranks * segmentLimit))
    }

    func segment(_ rank: Int, of piece: Int) -> Range<Int> {
        let index = piece * ranks + rank
        return bound(index)..<bound(index + 1)
    }

    private func bound(_ index: Int) -> Int {
        index == count * ranks ? bytes : bytes / 64 * index / (count * ranks) * 64
    }
}
