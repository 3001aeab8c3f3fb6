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
/// thread that called `OrderedReduction.sum`, sends and receives. Messages advance only while they are tested: each of that
/// thread's calls does so, and none of them waits before `finish`.
final class OverlappedAllReduce: FinishedRowsListener, @unchecked Sendable {
    /// Seconds spent in `advance`, within the time that shards are mapped.
    private(set) var seconds = 0.0

    private let accumulator: TreeAccumulator
    private let exchange: ChunkedAllReduce
    private let clock = ContinuousClock()
    private var chunks = StatisticsChunks(whole: StatisticsLayout())
    /// Of all chunks but an empty last one.
    private var plan: ChunkedAllReduce.Plan
    private var failure: (any Error)?

    init(accumulator: TreeAccumulator, exchange: ChunkedAllReduce) {
        self.accumulator = accumulator
        self.exchange = exchange
        plan = exchange.plan([])
    }

    /// Whether the step has sent anything, or failed to: other ranks count on what comes next in the order.
    var hasStarted: Bool { exchange.hasStarted || failure != nil }

    /// Called before a step's shards are mapped.
    func begin(_ chunks: StatisticsChunks) {
        if chunks != self.chunks {
            self.chunks = chunks
            plan = exchange.plan((0..<chunks.count).map(chunks.bytes).filter { !$0.isEmpty })
        }
        exchange.begin(plan, partials: accumulator.partials)
    }

    /// Notes that a shard's rows from `row` on are final: called by `Statistics.finish`.
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
        do { try exchange.advance(accumulator.isComplete) } catch { failure = error }
        seconds += (clock.now - mark).seconds
    }

    func throwFailure() throws { if let failure { throw failure } }

    /// Completes everything, after all shards of this rank.
    /// - Returns: seconds spent waiting for partial sums of other ranks.
    func finish() throws -> Double {
        try throwFailure()
        return try exchange.finish()
    }

    /// Gives up after a failure.
    func abandon() { exchange.abandon(keeping: accumulator) }
}
