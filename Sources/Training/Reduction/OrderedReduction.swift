import Messaging
import Numerics

/// Maps all shards and adds what they yield in an order that the shard index alone fixes: the sum has the same bytes for
/// any number of ranks and threads.
///
///     let reduction = try OrderedReduction(communicator: world, team: Team(threads: 2), shards: 64)
///     let total = try reduction.sum(StatisticsLayout(sums: 1)) { shard, worker, statistics in
///         statistics.sums[0] += energy(ofShard: shard)
///     }
///
/// Floating-point addition is not associative, so MPI's own reductions give other bytes on other rank counts; here every
/// sum follows `ReductionTree`. A rank holds O(log shards) partial sums.
public final class OrderedReduction {
    public let communicator: any Communicator
    public let team: Team
    public let tree: ReductionTree
    /// The shards this rank maps.
    public let owned: Range<Int>
    /// Seconds this rank spent so far, by what it did.
    public private(set) var times = Times()

    public struct Times: Sendable {
        /// Computing shards and adding them inside this rank.
        public var map = 0.0
        /// Waiting for the slowest rank before the exchange.
        public var wait = 0.0
        /// Exchanging and adding partial sums between ranks.
        public var exchange = 0.0
        /// Bytes this rank sent and received in reductions.
        public var bytes = 0
    }

    private let accumulator: LocalAccumulator
    private let exchange: SegmentExchange
    private var lastTotal: Statistics?
    private let clock = ContinuousClock()

    /// - Throws: `TrainingError.moreRanksThanShards` where some rank would have nothing to do.
    public init(communicator: any Communicator, team: Team, shards: Int) throws {
        guard communicator.size <= shards else {
            throw TrainingError.moreRanksThanShards(ranks: communicator.size, shards: shards)
        }
        self.communicator = communicator
        self.team = team
        tree = ReductionTree(shards: shards)
        owned = tree.ownedShards(rank: communicator.rank, ranks: communicator.size)
        accumulator = LocalAccumulator(tree: tree, owned: owned)
        exchange = SegmentExchange(communicator: communicator, tree: tree)
    }

    /// Calls `map` for every shard this rank owns, with zeroed statistics, and returns the sum over the shards of all
    /// ranks. The returned statistics belong to the reduction and are valid until the next call.
    /// - Throws: what `map` throws for the lowest shard, or `MessagingError`.
    public func sum(
        _ layout: StatisticsLayout, map: (_ shard: Int, _ worker: Int, _ statistics: Statistics) throws -> Void
    ) throws -> Statistics {
        if let previous = lastTotal { accumulator.giveBack(previous) }
        lastTotal = nil
        var mark = clock.now
        do {
            try team.forEach(count: owned.count) { item, worker in
                let shard = owned.lowerBound + item
                let statistics = accumulator.borrow(layout)
                try map(shard, worker, statistics)
                accumulator.complete(shard: shard, statistics)
            }
        } catch {
            accumulator.discard()
            throw error
        }
        let partials = accumulator.takePartials()
        for partial in partials { partial.touchAllRows() }
        times.map += lap(&mark)
        if communicator.size > 1 {
            try communicator.barrier()
            times.wait += lap(&mark)
        }
        let total = partials[0]
        try exchange.reduce(partials)
        times.exchange += lap(&mark)
        times.bytes = exchange.bytesMoved
        for partial in partials.dropFirst() { accumulator.giveBack(partial) }
        lastTotal = total
        return total
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
