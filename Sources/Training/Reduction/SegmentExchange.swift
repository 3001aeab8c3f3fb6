import Messaging
import Numerics

/// The part of the ordered reduction that crosses ranks: each rank adds one segment of the vector, then all gather.
///
///     let exchange = SegmentExchange(communicator: world, tree: tree)
///     let partials = [left, right]                // one for each of tree.partialNodes(of: this rank's shards)
///     try exchange.reduce(partials)               // partials[0] is now the sum over all shards, on every rank
///     // the same bytes on any number of ranks
///
/// Every rank sends every other rank its partial sums of that rank's segment, the owner adds them in tree order, and
/// the segments are gathered: for a power-of-two number of ranks this moves what a ring all-reduce moves,
/// 2 (R - 1) / R of the vector per rank. A long vector goes in pieces, so that the memory for what arrives stays small
/// and the next piece is on its way while one is added. A short one costs one message instead of two: every rank
/// gathers all partial sums and adds for itself.
package final class SegmentExchange {
    /// Vectors whose partial sums of all ranks together take at most so many bytes are gathered whole.
    package var gatherLimit: Int {
        get { transport.gatherLimit }
        set { transport.gatherLimit = newValue }
    }
    /// The longest segment of a rank in one piece, in bytes.
    package var segmentLimit = defaultSegmentLimit
    /// Shorter segments cost more waiting than the cache gives back: on two ranks those of 1 MiB took 0.97 to 1.12 times
    /// MPI_Allreduce's time at 4 and 16 MiB, those of 4 MiB 0.89 to 1.09 (`lloyd-bench reduction`).
    package static let defaultSegmentLimit = 1 << 22
    package static let defaultGatherLimit = PieceTransport.defaultGatherLimit
    /// Bytes this rank has sent and received so far.
    package var bytesMoved: Int { transport.bytesMoved }

    let transport: PieceTransport
    /// Two, because a piece arrives while the one before is added; that one has been sent.
    private let buffers: [PieceTransport.Buffers]

    package init(communicator: any Communicator, tree: ReductionTree) {
        transport = PieceTransport(communicator: communicator, tree: tree)
        let send = PieceTransport.GrowingBuffer()
        buffers = (0..<2).map { _ in PieceTransport.Buffers(send: send, receive: PieceTransport.GrowingBuffer()) }
    }

    /// Adds the ranks' partial sums, whose rows are all touched, in tree order. The sum is left in the first of them;
    /// the others keep or lose their contents.
    package func reduce(_ partials: [Statistics]) throws {
        let communicator = transport.communicator
        precondition(
            partials.count == transport.contributions[communicator.rank], "a partial sum for each node of the rank")
        let layout = partials[0].layout
        // One rank's only partial sum is the whole.
        guard communicator.size > 1, layout.bytes > 0 else { return }
        let pieces = Pieces(bytes: layout.bytes, ranks: communicator.size, segmentLimit: segmentLimit)
        var gathering: (any Transfer)?
        var next = transport.piece(pieces.segments(of: 0))
        var arriving = try transport.start(next, partials, buffers[0])
        for place in 0..<pieces.count {
            let piece = next
            try arriving.wait()
            if place + 1 < pieces.count {
                next = transport.piece(pieces.segments(of: place + 1))
                arriving = try transport.start(next, partials, buffers[(place + 1) & 1])
            }
            transport.add(piece, partials, buffers[place & 1])
            try gathering?.wait()
            gathering = try transport.startGather(piece, partials[0])
        }
        try gathering?.wait()
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

    func segments(of piece: Int) -> [Range<Int>] {
        (piece * ranks..<(piece + 1) * ranks).map { bound($0)..<bound($0 + 1) }
    }

    private func bound(_ index: Int) -> Int {
        index == count * ranks ? bytes : bytes / 64 * index / (count * ranks) * 64
    }
}
