/// Runs methods in this process alone, without files and messages: for programs that use a quantizer by itself.
///
///     let runner = LocalRunner(shards: 16, threads: 2)
///     try runner.run(method)                                  // the bytes that any number of ranks would give
///
/// Shards are added in the order of `ReductionTree`, as everywhere.
public final class LocalRunner: MethodRunner {
    public let team: Team
    public let shards: Int
    private let accumulator: TreeAccumulator

    /// - Parameters:
    ///   - shards: parts that the data are cut into, at least 1; part of the result.
    ///   - threads: threads that map shards, at least 1; not part of the result.
    public init(shards: Int = 16, threads: Int = 1) {
        self.shards = shards
        team = Team(threads: threads)
        accumulator = TreeAccumulator(tree: ReductionTree(shards: shards), owned: 0..<shards)
    }

    public var owned: Range<Int> { 0..<shards }

    /// Runs a method to its end.
    /// - Throws: what the method throws.
    public func run(_ method: any TrainingMethod) throws {
        while !method.isFinished {
            let total = try sum(method.layout, map: method.map)
            defer { accumulator.giveBack(total) }
            _ = try method.update(total, team: team)
        }
    }

    public func run(
        _ method: any TrainingMethod, named name: String?, spanning share: ClosedRange<Double>, keepingEnd: Bool
    ) throws -> RunOutcome {
        try run(method)
        return .finished
    }

    public func holdsState(named name: String) -> Bool { false }

    /// The sum over all shards, which the caller gives back.
    private func sum(
        _ layout: StatisticsLayout, map: (_ shard: Int, _ worker: Int, _ statistics: Statistics) throws -> Void
    ) throws -> Statistics {
        accumulator.begin(StatisticsChunks(whole: layout))
        do {
            try team.forEach(count: shards) { shard, worker in
                let statistics = accumulator.borrow()
                try map(shard, worker, statistics)
                accumulator.complete(shard: shard, statistics)
            }
        } catch {
            accumulator.discard()
            throw error
        }
        // Everything is covered by the root of the tree: there is one partial sum.
        return accumulator.partials()[0]
    }
}
