import Messaging
import Numerics
import Stepping

/// The part of the ordered reduction that crosses ranks: the all-reduce of a vector, chunk by chunk.
///
///     let exchange = try ChunkedAllReduce(communicator: world, tree: tree)
///     let partials = [left, right]                // one for each of tree.partialNodes(of: this rank's shards)
///     try exchange.reduce(partials)               // partials[0] is now the sum over all shards, on every rank
///     // the same bytes on any number of ranks
///
/// Every rank sends every other rank its partial sums of that rank's segment, the owner adds them in tree order, and
/// the segments are gathered: for a power-of-two number of ranks this moves what a ring all-reduce moves,
/// 2 (R - 1) / R of the vector per rank. A long vector goes in chunks, so that the memory for what arrives stays small
/// and the next chunk is on its way while one is added. If ranks lie on several machines, machines add first
/// (`HierarchicalAllReduce`).
///
/// All ranks start the same phases of the same chunks in the same order (`ReductionSchedule`). `reduce` runs through them at
/// once; `OverlappedAllReduce` starts them while the chunks are still being computed.
package final class ChunkedAllReduce {
    /// Chunks whose partial sums of all ranks together take at most so many bytes are gathered whole, if ranks exchange
    /// straight: one message instead of two.
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
    /// In bytes: a vector that is gathered whole costs a message less, but its bytes grow with the number of ranks.
    package static let defaultGatherLimit = DirectAllReduce.defaultGatherLimit
    /// Bytes this rank has sent and received so far.
    package var bytesMoved: Int { algorithm.bytesMoved }

    private let algorithm: any AllReduceAlgorithm
    private let communicator: any Communicator
    /// The plan of `reduce` for the last vector: that of the next one, as a rule.
    private var known: (bytes: Int, plan: Plan)?

    // Of the vector under way.
    private var plan = Plan(reductions: [], schedule: ReductionSchedule(chunks: 0, phases: 2))
    private var makePartials: () -> [Statistics] = { [] }
    private var partials: [Statistics] = []
    /// The latest transfer of each chunk.
    private var moving: [(any Transfer)?] = []
    /// Phases that were started, of the plan's schedule.
    private var started = 0
    private let clock = ContinuousClock()

    /// How the chunks of a vector are reduced, and in which order.
    struct Plan {
        fileprivate let reductions: [any ChunkReduction]
        fileprivate let schedule: ReductionSchedule
    }

    /// - Parameter layout: how ranks lie on machines; nil for the direct algorithm.
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

    // MARK: A whole vector

    /// Adds the ranks' partial sums, whose rows are all touched, in tree order. The sum is left in the first of them;
    /// the others keep or lose their contents.
    /// - Throws: `MessagingError`; messages may then be under way in this memory.
    package func reduce(_ partials: [Statistics]) throws {
        precondition(partials.count == algorithm.ownContributions, "a partial sum for each node of the rank")
        let bytes = partials[0].layout.bytes
        // One rank's only partial sum is the whole.
        guard communicator.size > 1, bytes > 0 else { return }
        begin(wholePlan(bytes: bytes)) { partials }
        _ = try finish(isPaced: true)
    }

    private func wholePlan(bytes: Int) -> Plan {
        if let known, known.bytes == bytes { return known.plan }
        let longest = communicator.size * segmentLimit
        let new = plan(evenSegments(of: 0..<bytes, count: max(1, (bytes + longest - 1) / longest)))
        known = (bytes, new)
        return new
    }

    // MARK: Chunk by chunk

    /// Plans the reduction of a vector.
    /// - Parameter chunks: ranges of its bytes, in the order in which they begin; bounds are multiples of 64, but for the
    ///   vector's end.
    func plan(_ chunks: [Range<Int>]) -> Plan {
        Plan(
            reductions: chunks.map(algorithm.reduction),
            schedule: ReductionSchedule(chunks: chunks.count, phases: algorithm.phases))
    }

    /// Begins a vector, of which nothing travels yet.
    /// - Parameter partials: makes the partial sums; called when the first chunk starts.
    func begin(_ plan: Plan, partials: @escaping () -> [Statistics]) {
        forget()
        self.plan = plan
        makePartials = partials
        started = 0
        for _ in plan.reductions { moving.append(nil) }
    }

    /// Whether the vector has sent anything, or tried to: other ranks count on what comes next in the schedule.
    var hasStarted: Bool { started > 0 }

    /// Starts everything that comes next and needs no waiting, and moves on what is under way.
    /// - Parameter isComplete: whether this rank's partial sums of a chunk are final.
    func advance(_ isComplete: (_ chunk: Int) -> Bool) throws {
        while let next, try next.phase == 0 ? isComplete(next.chunk) : moving[next.chunk]?.test() ?? true {
            add(before: next)
            try start(next)
        }
        for transfer in moving { _ = try transfer?.test() }
    }

    /// Starts and completes everything that is left; all partial sums are final.
    /// - Parameter isPaced: whether the last phase of a chunk waits for that of the chunk before.
    /// - Returns: seconds spent waiting before the last phases.
    func finish(isPaced: Bool = false) throws -> Double {
        let last = algorithm.phases - 1
        var waited = 0.0
        while let next {
            if next.phase > 0 {
                let mark = clock.now
                try moving[next.chunk]?.wait()
                waited += (clock.now - mark).seconds
            }
            add(before: next)
            if isPaced, next.phase == last, next.chunk > 0 { try moving[next.chunk - 1]?.wait() }
            try start(next)
        }
        for chunk in moving.indices {
            try moving[chunk]?.wait()
            complete(last, chunk)
        }
        forget()
        return waited
    }

    /// Gives up after a failure. What other ranks or MPI may still read or write stays allocated for good: the job ends,
    /// and until it has, nothing else may get this memory.
    func abandon(keeping owner: AnyObject) {
        _ = Unmanaged.passRetained(MemoryInUse(partials + [algorithm, owner] as [AnyObject]))
        forget()
    }

    /// Lets go of transfers and partial sums; the communicator notices transfers that are still under way.
    private func forget() {
        moving.removeAll(keepingCapacity: true)
        partials.removeAll(keepingCapacity: true)
        makePartials = { [] }
    }

    /// What comes next in the order that all ranks follow; nil when everything was started.
    private var next: ReductionSchedule.Start? {
        started < plan.schedule.starts.count ? plan.schedule.starts[started] : nil
    }

    /// Adds what the phase before has brought.
    private func add(before next: ReductionSchedule.Start) {
        if next.phase > 0 { complete(next.phase - 1, next.chunk) }
    }

    private func start(_ next: ReductionSchedule.Start) throws {
        // A partial sum's chunks all lie in the same statistics.
        if started == 0 { partials = makePartials() }
        started += 1
        moving[next.chunk] = nil
        moving[next.chunk] = try plan.reductions[next.chunk].start(
            next.phase, partials, slot: next.chunk % algorithm.slots)
    }

    private func complete(_ phase: Int, _ chunk: Int) {
        plan.reductions[chunk].complete(phase, partials, slot: chunk % algorithm.slots)
    }
}

/// Keeps alive what a message under way may use.
private final class MemoryInUse {
    private let objects: [AnyObject]

    init(_ objects: [AnyObject]) { self.objects = objects }
}
