import Datasets
import Numerics

/// How ranks and threads share the shards and the machines, and what that makes of a step's costs.
///
///     let layout = try RankLayout(ranks: 4, threads: 1, machines: 2, shards: 64, cores: 2, network: 1.25e9)
///     let share = layout.share                                // a quarter of the work is the slowest rank's
///     let bytes = layout.exchangedBytes(StatisticsLayout(rows: 256, columns: 100))
public struct RankLayout: Sendable {
    /// Processes of the run.
    public let ranks: Int
    /// Threads of each process.
    public let threads: Int
    /// Machines that have a rank.
    public let machines: Int
    /// How many parts the work of a step is cut into.
    public let shards: Int
    /// Cores of each machine.
    public let cores: Double
    /// Bytes a second that a machine can send and, at the same time, receive.
    public let network: Double
    let tree: ReductionTree
    /// The shards of each rank.
    public let owned: [Range<Int>]
    /// Partial sums that each rank sends.
    private let partials: [Int]
    /// Statistics that exist at a time on the rank that holds most: one in work for each thread, and those that wait
    /// for their siblings.
    public let statisticsAtATime: Int

    /// Shares the shards among the ranks as a run does.
    /// - Parameters:
    ///   - cores: of each machine.
    ///   - network: bytes a second of each machine, in either direction.
    /// - Throws: `LloydError.moreRanksThanShards`, as the run itself would.
    public init(ranks: Int, threads: Int, machines: Int, shards: Int, cores: Double, network: Double) throws {
        guard ranks <= shards else { throw LloydError.moreRanksThanShards(ranks: ranks, shards: shards) }
        self.ranks = ranks
        self.threads = threads
        self.machines = min(machines, ranks)
        self.shards = shards
        self.cores = cores
        self.network = network
        let tree = ReductionTree(shards: shards)
        self.tree = tree
        let owned = (0..<ranks).map { tree.ownedShards(rank: $0, ranks: ranks) }
        self.owned = owned
        partials = owned.map { tree.partialNodes(of: $0).count }
        // Ranks differ in how their ranges lie in the tree only; a few hundred show all cases.
        let waiting = owned.prefix(256).map { range in
            (0..<range.count).map { tree.partialNodes(of: range.lowerBound..<range.lowerBound + $0).count }.max()!
        }.max()!
        let most = owned.map(\.count).max()!
        statisticsAtATime = min(waiting + 1 + 2 * (threads - 1), most + 1)
    }

    /// The shards of the rank that has most.
    public var mostShards: Int { owned.map(\.count).max()! }
    /// Ranks on the fullest machine.
    public var ranksPerMachine: Int { (ranks + machines - 1) / machines }
    /// By how much ranks and threads that take turns are slower than ones with a core each.
    public var slowdown: Double { max(1, Double(ranksPerMachine * threads) / cores) }
    /// The share of all shards that one thread of the slowest rank goes through, one after another.
    public var share: Double { Double((mostShards + threads - 1) / threads) / Double(shards) * slowdown }

    /// The most vectors of a set that any rank holds.
    public func rows(of count: Int) -> Int {
        let ranges = ShardRange(count: count, shards: shards)
        return owned.map { ranges[$0.upperBound - 1].upperBound - ranges[$0.lowerBound].lowerBound }.max()!
    }

    /// The most vectors in a shard.
    public func longestShard(of count: Int) -> Int { (count + shards - 1) / shards }

    /// Bytes that a rank sends and receives in one step, the most of any.
    public func exchangedBytes(_ statistics: StatisticsLayout) -> Double {
        guard ranks > 1 else { return 0 }
        let bytes = statistics.bytes
        let all = partials.reduce(0, +)
        guard bytes * all > ChunkedAllReduce.defaultGatherLimit else {
            return Double(bytes) * Double(partials.map { all - $0 + $0 * (ranks - 1) }.max()!)
        }
        let size = Double(ranks)
        let most = partials.map { mine -> Double in
            let sent = Double(mine) * (size - 1) / size
            let received = Double(all - mine) / size
            return sent + received + 2 * (size - 1) / size
        }.max()!
        return Double(bytes) * most
    }

    /// Bytes of the buffers that an exchange of this layout keeps: what arrives, twice, and what is packed to be sent.
    public func exchangeBuffers(_ statistics: StatisticsLayout) -> Double {
        guard ranks > 1 else { return 0 }
        let segment = Double(min(ChunkedAllReduce.defaultSegmentLimit, (statistics.bytes + ranks - 1) / ranks))
        let all = partials.reduce(0, +)
        let most = partials.map { mine in 2 * (all - mine) + (mine > 1 ? mine * (ranks - 1) : 0) }.max()!
        return segment * Double(most)
    }

    /// The cost of the exchange of one step. What leaves a machine goes through its network port, which its ranks share.
    /// - Parameter memoryRate: bytes a second that a core reads plus writes.
    public func exchange(_ statistics: StatisticsLayout, memoryRate: Double) -> StepCost {
        var asked = statistics
        asked.sums += 1  // The loop's question whether anybody wants to stop.
        let bytes = exchangedBytes(asked)
        guard bytes > 0 else { return StepCost() }
        // Received once, read and written: through shared memory; then added.
        var seconds = 2 * bytes / memoryRate * slowdown + 1e-4 * slowdown
        if machines > 1 {
            seconds = max(seconds, bytes / 2 * Double(ranksPerMachine) / network) + 2.5e-4
        }
        return StepCost(exchangedBytes: bytes, seconds: seconds)
    }
}
