import Messaging
import Stepping

/// Sends chunks of the vector on their way over the ranks as soon as this rank's shards have finished them, while its
/// threads still compute the other chunks.
///
///     overlap.begin(chunks)
///     statistics.listener = overlap
///     statistics.finish(rowsFrom: 1000)       // on any thread: marks chunks; on worker 0: starts what is complete
///     let waited = try overlap.finish()       // when all shards are mapped
///
/// All ranks start the same messages in the same order (`ReductionSchedule`), whatever becomes complete when. Only worker 0, the
/// thread that called `OrderedReduction.sum`, sends and receives. Messages advance only while somebody asks after them: each of
/// that thread's calls does, and none of them waits before `finish`.
final class OverlappedAllReduce: FinishedRowsListener, @unchecked Sendable {
    /// Seconds spent in `advance`, within the time that shards are mapped.
    private(set) var seconds = 0.0

    private let accumulator: TreeAccumulator
    private let algorithm: any AllReduceAlgorithm
    private let clock = ContinuousClock()
    private var chunks = StatisticsChunks(whole: StatisticsLayout())
    /// The plan of all chunks but an empty last one.
    private var reductions: [any ChunkReduction] = []
    private var order = ReductionSchedule(chunks: 0, phases: 2)
    private var partials: [Statistics] = []
    /// The latest transfer of each chunk.
    private var moving: [(any Transfer)?] = []
    /// Phases that were started, of `order`.
    private var started = 0
    private var failure: (any Error)?

    init(accumulator: TreeAccumulator, algorithm: any AllReduceAlgorithm) {
        self.accumulator = accumulator
        self.algorithm = algorithm
    }

    /// Whether the step has sent anything, or failed to: other ranks count on what comes next in the order.
    var hasStarted: Bool { started > 0 || failure != nil }

    /// Before a step's shards are mapped.
    func begin(_ chunks: StatisticsChunks) {
        if chunks != self.chunks {
            self.chunks = chunks
            reductions = (0..<chunks.count).map(chunks.bytes).filter { !$0.isEmpty }.map(algorithm.reduction)
            order = ReductionSchedule(chunks: reductions.count, phases: algorithm.phases)
        }
        forget()
        for _ in reductions { moving.append(nil) }
        started = 0
    }

    /// Takes note that a shard's rows from `row` on are final: what `Statistics.finish` does.
    func finished(_ statistics: Statistics, rowsFrom row: Int) {
        let (shard, worker) = (statistics.shard, statistics.worker)
        var chunk = statistics.nextChunk
        while !chunks.hasSums(chunk), chunks.rows(of: chunk).lowerBound >= row {
            accumulator.complete(chunk, ofShard: shard, statistics)
            chunk += 1
        }
        statistics.nextChunk = chunk
        if worker == 0 { advance() }
    }

    /// Starts what is complete on this rank, adds what has arrived, and moves on what is under way, without waiting. Only
    /// for worker 0. An error is kept for `throwFailure` and `finish`.
    func advance() {
        guard failure == nil else { return }
        let mark = clock.now
        do {
            while try takeNextStep() {}
            for transfer in moving { _ = try transfer?.test() }
        } catch { failure = error }
        seconds += (clock.now - mark).seconds
    }

    func throwFailure() throws { if let failure { throw failure } }

    /// Completes everything, after all shards of this rank.
    /// - Returns: seconds spent waiting for partial sums of other ranks.
    func finish() throws -> Double {
        try throwFailure()
        var waited = 0.0
        while started < order.starts.count {
            let next = order.starts[started]
            if next.phase > 0 {
                let mark = clock.now
                try moving[next.chunk]?.wait()
                waited += (clock.now - mark).seconds
            }
            try start(next)
        }
        for (place, reduction) in reductions.enumerated() {
            try moving[place]?.wait()
            reduction.complete(algorithm.phases - 1, partials, slot: place % algorithm.slots)
        }
        forget()
        return waited
    }

    /// Gives up after a failure. What other ranks or MPI may still read or write stays allocated for good: the job ends,
    /// and until it has, nothing else may get this memory.
    func abandon() {
        _ = Unmanaged.passRetained(MemoryInUse(partials + [accumulator, algorithm] as [AnyObject]))
        forget()
    }

    // MARK: The fixed order

    /// Does what comes next in the order that all ranks follow, if it can be done without waiting.
    private func takeNextStep() throws -> Bool {
        guard started < order.starts.count else { return false }
        let next = order.starts[started]
        if next.phase == 0 {
            guard accumulator.isComplete(next.chunk) else { return false }
        } else {
            guard try moving[next.chunk]?.test() ?? true else { return false }
        }
        try start(next)
        return true
    }

    /// Starts a phase of a chunk, whose phase before has ended.
    private func start(_ next: ReductionSchedule.Start) throws {
        // A partial sum's chunks all lie in the same statistics.
        if started == 0 { partials = accumulator.partials() }
        let (reduction, slot) = (reductions[next.chunk], next.chunk % algorithm.slots)
        if next.phase > 0 { reduction.complete(next.phase - 1, partials, slot: slot) }
        moving[next.chunk] = nil
        moving[next.chunk] = try reduction.start(next.phase, partials, slot: slot)
        started += 1
    }

    /// Lets go of transfers and statistics, of which the communicator takes note if they are under way.
    private func forget() {
        moving.removeAll(keepingCapacity: true)
        partials.removeAll(keepingCapacity: true)
    }
}

/// Keeps alive what a message under way may use.
final class MemoryInUse {
    private let objects: [AnyObject]

    init(_ objects: [AnyObject]) { self.objects = objects }
}
