import Messaging
import Numerics
import Stepping

/// Maps all shards and adds what they yield in an order that the shard index alone fixes: the sum has the same bytes for
/// any number of ranks and threads.
///
///     let reduction = try OrderedReduction(communicator: world, team: Team(threads: 2), shards: 64)
///     var layout = StatisticsLayout()
///     let energy = layout.addSum()
///     let total = try reduction.sum(layout) { shard, worker, statistics in
///         statistics[energy] += measure(shard)
///     }
///     let whole = total[energy]                               // on every rank
///
/// Floating-point addition is not associative, so MPI's own reductions give other bytes on other rank counts; here every
/// sum follows `ReductionTree`. A rank holds O(log shards) partial sums.
///
/// If the layout says that shards finish rows early (`StatisticsLayout.finishesRows`) and there are enough of them, chunks of
/// the vector are exchanged while others are still computed. All other steps are exchanged when all shards are mapped.
public final class OrderedReduction {
    /// Connects the ranks.
    public let communicator: any Communicator
    /// The threads of this rank.
    public let team: Team
    /// The order of the additions, over the shards of all ranks.
    public let tree: ReductionTree
    /// The shards this rank maps.
    public let owned: Range<Int>
    /// Seconds this rank spent so far, by what it did.
    public private(set) var times = Times()

    /// Seconds by activity.
    public struct Times: Sendable {
        /// Computing shards and adding them inside this rank.
        public var map = 0.0
        /// Waiting for the slowest rank before the exchange; in a step that exchanges chunks early, waiting for other
        /// ranks' partial sums after this rank's shards, be they late or still on their way.
        public var wait = 0.0
        /// Exchanging and adding partial sums between ranks: the time that the calling thread spends on it, also between
        /// shards, but not what travels while it computes.
        public var exchange = 0.0
        /// Bytes this rank sent and received in reductions.
        public var bytes = 0
    }

    /// Chunks that are exchanged early have at least so many bytes: a mebibyte, or more on many ranks. The same on all
    /// ranks; smaller only in tests.
    package var leastChunk: Int
    /// Exchanges between ranks.
    package let exchange: ChunkedAllReduce
    /// Called in every sum when this rank's shards are mapped and it begins to wait for other ranks.
    var onMapped: (() -> Void)?

    private let accumulator: TreeAccumulator
    private let overlap: OverlappedAllReduce
    /// Advances messages while worker 0 waits for other threads.
    private let advance: () -> Void
    private var lastTotal: Statistics?
    /// Why messages broke off: the ranks no longer agree on which comes next.
    private var failure: (any Error)?
    private let clock = ContinuousClock()

    /// Every rank must make it alike.
    /// - Throws: `LloydError.moreRanksThanShards` if some rank would have nothing to do; `MessagingError`.
    public convenience init(communicator: any Communicator, team: Team, shards: Int) throws {
        try self.init(communicator: communicator, team: team, shards: shards, layout: nil)
    }

    /// The same for ranks that lie on machines.
    /// - Parameter layout: how they do; nil to exchange straight from rank to rank.
    package init(communicator: any Communicator, team: Team, shards: Int, layout: NodeLayout?) throws {
        guard communicator.size <= shards else {
            throw LloydError.moreRanksThanShards(ranks: communicator.size, shards: shards)
        }
        self.communicator = communicator
        self.team = team
        tree = ReductionTree(shards: shards)
        owned = tree.ownedShards(rank: communicator.rank, ranks: communicator.size)
        accumulator = TreeAccumulator(tree: tree, owned: owned)
        exchange = try ChunkedAllReduce(communicator: communicator, tree: tree, layout: layout)
        leastChunk = Self.leastChunk(ranks: communicator.size, addsInsideMachines: layout != nil)
        let overlap = OverlappedAllReduce(accumulator: accumulator, exchange: exchange)
        self.overlap = overlap
        advance = { overlap.advance() }
    }

    /// Calls `map` for every shard this rank owns, with zeroed statistics, and returns the sum over the shards of all
    /// ranks. The returned statistics belong to the reduction and are valid until the next call.
    /// - Throws: what `map` throws for the lowest shard, or `MessagingError`. If messages were under way, every later
    ///   call throws the same.
    public func sum(
        _ layout: StatisticsLayout, map: (_ shard: Int, _ worker: Int, _ statistics: Statistics) throws -> Void
    ) throws -> Statistics {
        if let failure { throw failure }
        if let previous = lastTotal { accumulator.giveBack(previous) }
        lastTotal = nil
        var chunks = StatisticsChunks(whole: layout)
        if communicator.size > 1, layout.finishesRows { chunks = StatisticsChunks(layout, least: leastChunk) }
        let partials = try chunks.count > 1 ? sumEarly(chunks, map) : sumAtOnce(chunks, map)
        times.bytes = exchange.bytesMoved
        for partial in partials.dropFirst() { accumulator.giveBack(partial) }
        lastTotal = partials[0]
        return partials[0]
    }

    /// The least bytes of a chunk that is exchanged early: a mebibyte, or 16 KiB for every rank, so that the
    /// computing takes longer than the messages; 4 KiB for every rank if machines add first, which exchange fewer.
    package static func leastChunk(ranks: Int, addsInsideMachines: Bool) -> Int {
        max(1 << 20, (addsInsideMachines ? 1 << 12 : 1 << 14) * ranks)
    }

    private typealias Map = (_ shard: Int, _ worker: Int, _ statistics: Statistics) throws -> Void

    /// Maps all shards, then exchanges. The sum is in the first of the returned partial sums.
    private func sumAtOnce(_ chunks: StatisticsChunks, _ map: Map) throws -> [Statistics] {
        var mark = clock.now
        accumulator.begin(chunks)
        do {
            try team.forEach(count: owned.count) { item, worker in
                let shard = owned.lowerBound + item
                let statistics = accumulator.borrow()
                try map(shard, worker, statistics)
                accumulator.complete(shard: shard, statistics)
            }
        } catch {
            accumulator.discard()
            throw error
        }
        let partials = accumulator.partials()
        times.map += lap(&mark)
        onMapped?()
        if communicator.size > 1 {
            try communicator.barrier()
            times.wait += lap(&mark)
        }
        do {
            try exchange.reduce(partials)
        } catch {
            exchange.abandon(keeping: accumulator)
            failure = error
            throw error
        }
        times.exchange += lap(&mark)
        return partials
    }

    /// Maps all shards and exchanges each chunk of the vector as soon as it is complete on this rank.
    private func sumEarly(_ chunks: StatisticsChunks, _ map: Map) throws -> [Statistics] {
        var mark = clock.now
        let before = overlap.seconds
        accumulator.begin(chunks)
        overlap.begin(chunks)
        do {
            try team.forEach(count: owned.count, whileWaiting: advance) { item, worker in
                let shard = owned.lowerBound + item
                let statistics = accumulator.borrow()
                (statistics.shard, statistics.worker, statistics.listener) = (shard, worker, overlap)
                try map(shard, worker, statistics)
                accumulator.complete(shard: shard, statistics)
                if worker == 0 {
                    overlap.advance()
                    try overlap.throwFailure()
                }
            }
            let during = overlap.seconds - before
            times.map += lap(&mark) - during
            onMapped?()
            let waited = try overlap.finish()
            times.wait += waited
            times.exchange += during + lap(&mark) - waited
            return accumulator.partials()
        } catch {
            if overlap.hasStarted {
                overlap.abandon()
                failure = error
            } else {
                accumulator.discard()
            }
            throw error
        }
    }

    private func lap(_ mark: inout ContinuousClock.Instant) -> Double {
        let now = clock.now
        defer { mark = now }
        return (now - mark).seconds
    }
}

extension Duration {
    /// The duration as a number of seconds.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
