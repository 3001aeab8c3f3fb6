import Messaging
import Numerics
import Stepping

/// The part of the ordered reduction that crosses ranks: each rank adds one segment of the vector, then all gather.
///
///     let exchange = try ChunkedAllReduce(communicator: world, tree: tree)
///     let partials = [left, right]                // one for each of tree.partialNodes(of: this rank's shards)
///     try exchange.reduce(partials)               // partials[0] is now the sum over all shards, on every rank
///     // the same bytes on any number of ranks
///
/// Every rank sends every other rank its partial sums of that rank's segment, the owner adds them in tree order, and
/// the segments are gathered: for a power-of-two number of ranks this moves what a ring all-reduce moves,
/// 2 (R - 1) / R of the vector per rank. A long vector goes in chunks, so that the memory for what arrives stays small
/// and the next chunk is on its way while one is added. A short one costs one message instead of two: every rank
/// gathers all partial sums and adds for itself. Where ranks lie on several machines, machines add first (`HierarchicalAllReduce`).
package final class ChunkedAllReduce {
    /// Vectors whose partial sums of all ranks together take at most so many bytes are gathered whole, where ranks exchange
    /// straight.
    package var gatherLimit: Int {
        get { (algorithm as? DirectAllReduce)?.gatherLimit ?? 0 }
        set {
            (algorithm as? DirectAllReduce)?.gatherLimit = newValue
            known = nil
        }
    }
    /// The longest segment of a rank in one chunk, in bytes.
    package var segmentLimit = defaultSegmentLimit {
        didSet { known = nil }
    }
    /// Shorter segments cost more waiting than the cache gives back: on two ranks those of 1 MiB took 0.97 to 1.12 times
    /// MPI_Allreduce's time at 4 and 16 MiB, those of 4 MiB 0.89 to 1.09 (`lloyd-bench reduction`).
    package static let defaultSegmentLimit = 1 << 22
    package static let defaultGatherLimit = DirectAllReduce.defaultGatherLimit
    /// Bytes this rank has sent and received so far.
    package var bytesMoved: Int { algorithm.bytesMoved }

    let algorithm: any AllReduceAlgorithm
    private let communicator: any Communicator
    /// The plan of the chunks of the last vector: those of the next one, as a rule.
    private var known: (bytes: Int, reductions: [any ChunkReduction], order: ReductionSchedule)?

    /// - Parameter layout: how ranks lie on machines; nil for the direct one.
    /// - Throws: `MessagingError`. Every rank must call it alike.
    package init(communicator: any Communicator, tree: ReductionTree, layout: NodeLayout? = nil) throws {
        self.communicator = communicator
        algorithm =
            if let layout {
                try HierarchicalAllReduce(communicator: communicator, layout: layout, tree: tree)
            } else {
                DirectAllReduce(communicator: communicator, tree: tree)
            }
    }

    /// Adds the ranks' partial sums, whose rows are all touched, in tree order. The sum is left in the first of them;
    /// the others keep or lose their contents.
    package func reduce(_ partials: [Statistics]) throws {
        precondition(partials.count == algorithm.ownContributions, "a partial sum for each node of the rank")
        let layout = partials[0].layout
        // One rank's only partial sum is the whole.
        guard communicator.size > 1, layout.bytes > 0 else { return }
        let (reductions, order) = plan(bytes: layout.bytes)
        let (last, slots) = (algorithm.phases - 1, algorithm.slots)
        var moving: [(any Transfer)?] = Array(repeating: nil, count: reductions.count)
        for next in order.starts {
            let (reduction, slot) = (reductions[next.chunk], next.chunk % slots)
            if next.phase > 0 {
                try moving[next.chunk]?.wait()
                reduction.complete(next.phase - 1, partials, slot: slot)
            }
            // Not more chunks on their last way than one.
            if next.phase == last, next.chunk > 0 { try moving[next.chunk - 1]?.wait() }
            moving[next.chunk] = try reduction.start(next.phase, partials, slot: slot)
        }
        for (place, reduction) in reductions.enumerated() {
            try moving[place]?.wait()
            reduction.complete(last, partials, slot: place % slots)
        }
    }

    private func plan(bytes: Int) -> ([any ChunkReduction], ReductionSchedule) {
        if let known, known.bytes == bytes { return (known.reductions, known.order) }
        let longest = communicator.size * segmentLimit
        let reductions = evenSegments(of: 0..<bytes, count: max(1, (bytes + longest - 1) / longest)).map(
            algorithm.reduction)
        let order = ReductionSchedule(chunks: reductions.count, phases: algorithm.phases)
        known = (bytes, reductions, order)
        return (reductions, order)
    }
}
