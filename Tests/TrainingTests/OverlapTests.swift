import Foundation
import Messaging
import Synchronization
import TestSupport
import Testing

@testable import Stepping
@testable import Training

/// Rows that shards finish early are exchanged early, and the sum keeps its bytes.
@Suite(.timeLimit(.minutes(30))) struct OverlapTests {
    /// When a shard says that rows are final.
    enum Way: CaseIterable { case never, everyRow, jumps, atOnce, asTheShardLikes }

    /// What the shards contribute, made once: numbers whose sum depends on the order of addition.
    struct Content: Sendable {
        let layout: StatisticsLayout
        let shards: Int
        let bulk: [[Float]]
        let sums: [[Double]]

        init(_ layout: StatisticsLayout, shards: Int) {
            self.layout = layout
            self.shards = shards
            bulk = (0..<shards).map { shard in
                (0..<layout.bulk).map { index in
                    Self.touches(shard, index / layout.columns) ? Float(Self.number(shard, index)) : 0
                }
            }
            sums = (0..<shards).map { shard in (0..<layout.sums).map { Self.number(shard, $0 + 1_000_000) } }
        }

        private static func number(_ shard: Int, _ index: Int) -> Double {
            let mixed = UInt64(shard &* 7919 &+ index &+ 1) &* 0x9E37_79B9_7F4A_7C15
            return (Double(mixed >> 11) * 0x1p-53 - 0.5) * Double(1 << (mixed & 15))
        }

        /// Most shards have something to say about most rows.
        private static func touches(_ shard: Int, _ row: Int) -> Bool { (shard &+ 3 &* row) % 5 != 0 }

        func map(_ shard: Int, _ statistics: Statistics, _ way: Way) {
            let stride: Int
            switch way {
            case .never, .atOnce: stride = .max
            case .everyRow: stride = 1
            case .jumps: stride = 1 + layout.rows / 3
            case .asTheShardLikes: stride = [1, .max, 5, 1 + layout.rows / 2][shard & 3]
            }
            for row in (0..<layout.rows).reversed() {
                if Self.touches(shard, row) {
                    let first = row * layout.columns
                    bulk[shard].withUnsafeBufferPointer {
                        statistics.touchRow(row).update(from: $0.baseAddress! + first, count: layout.columns)
                    }
                }
                if stride != .max, (row + 1) % stride == 0 { statistics.finish(rowsFrom: row) }
            }
            if way == .atOnce { statistics.finish(rowsFrom: 0) }
            // After the rows: the sums are final only when the map returns.
            for index in 0..<layout.sums { statistics.sums[index] += sums[shard][index] }
        }

        /// The sum by plain recursion over the tree.
        func reference() -> OrderedReductionTests.Totals {
            let tree = ReductionTree(shards: shards)
            func sum<Number: FloatingPoint>(_ node: ReductionTree.Node, _ values: [[Number]]) -> [Number] {
                if node.level == 0 { return values[node.index] }
                let left = ReductionTree.Node(level: node.level - 1, index: 2 * node.index)
                guard tree.hasSibling(left) else { return sum(left, values) }
                return zip(sum(left, values), sum(left.sibling, values)).map { $0 + $1 }
            }
            return OrderedReductionTests.Totals(bulk: sum(tree.root, bulk), sums: sum(tree.root, sums))
        }
    }

    /// With parts of 256 bytes: tiny ones, one part, two, many, rows that end inside cache lines, no sums, only sums.
    static let layouts = [
        StatisticsLayout(rows: 200, columns: 16, sums: 5, finishesRows: true),
        StatisticsLayout(rows: 37, columns: 5, sums: 3, finishesRows: true),
        StatisticsLayout(rows: 3, columns: 1000, finishesRows: true),
        StatisticsLayout(rows: 1, columns: 1, sums: 1, finishesRows: true),
        StatisticsLayout(sums: 4, finishesRows: true), StatisticsLayout(finishesRows: true),
        StatisticsLayout(rows: 83, columns: 33, sums: 70, finishesRows: true),
        StatisticsLayout(rows: 83, columns: 33, sums: 70, finishesRows: false),
    ]

    @Test(arguments: [5, 7, 13], [0, 1 << 17])
    func sumsKeepTheirBytes(shards: Int, gatherLimit: Int) throws {
        let contents = Self.layouts.map { Content($0, shards: shards) }
        let wanted = contents.map { $0.reference() }
        #expect(Self.layouts.map { StatisticsChunks($0, least: 64).count }.max()! > 20)
        for size in 1...5 {
            for threads in 1...3 {
                try InProcessCommunicator.run(size: size) { world in
                    let reduction = try Self.reduction(world, threads: threads, shards: shards)
                    reduction.exchange.gatherLimit = gatherLimit
                    for way in Way.allCases {
                        for (content, wanted) in zip(contents, wanted) {
                            let total = try reduction.sum(content.layout) { shard, _, statistics in
                                content.map(shard, statistics, way)
                            }
                            #expect(
                                OrderedReductionTests.Totals(total) == wanted,
                                "\(size) ranks of \(threads) threads, \(way), \(content.layout)")
                        }
                    }
                }
            }
        }
    }

    /// Machines of several ranks add first, also while shards are still mapped.
    @Test(arguments: [(2, 2), (3, 2), (2, 3)]) func machinesThatAddFirstKeepTheBytes(nodes: Int, ranksPerNode: Int)
        throws
    {
        for shards in [7, 13] {
            let contents = Self.layouts.map { Content($0, shards: shards) }
            let wanted = contents.map { $0.reference() }
            for threads in 1...2 {
                try InProcessCommunicator.run(size: nodes * ranksPerNode) { world in
                    let reduction = try Self.reduction(
                        world, threads: threads, shards: shards,
                        layout: NodeLayout(nodes: nodes, ranksPerNode: ranksPerNode))
                    for way in Way.allCases {
                        for (content, wanted) in zip(contents, wanted) {
                            let total = try reduction.sum(content.layout) { shard, _, statistics in
                                content.map(shard, statistics, way)
                            }
                            #expect(
                                OrderedReductionTests.Totals(total) == wanted,
                                "\(nodes) machines of \(ranksPerNode) ranks, \(way), \(content.layout)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3]) func withoutEarlyRowsThereIsOneExchange(size: Int) throws {
        let content = Content(Self.layouts.last!, shards: 5)
        let logs = try InProcessCommunicator.run(size: size) { world in
            let world = RecordingCommunicator(world)
            let reduction = try Self.reduction(world, threads: 2, shards: 5)
            reduction.exchange.gatherLimit = 0
            // Calls of finish are ignored if the layout does not announce them.
            _ = try reduction.sum(content.layout) { shard, _, statistics in content.map(shard, statistics, .everyRow) }
            return world.events
        }
        for log in logs { #expect(log == (size == 1 ? [] : [.barrier, .allToAll, .allGather])) }
    }

    @Test func oneRankAndSmallStepsAreLeftAlone() throws {
        let content = Content(Self.layouts[0], shards: 4)
        for size in [1, 2] {
            let logs = try InProcessCommunicator.run(size: size) { world in
                let world = RecordingCommunicator(world)
                let reduction = try OrderedReduction(communicator: world, team: Team(threads: 1), shards: 4)
                if size == 1 { reduction.leastChunk = 64 }
                _ = try reduction.sum(content.layout) { shard, _, statistics in
                    content.map(shard, statistics, .everyRow)
                    #expect(statistics.listener == nil)
                }
                return world.events
            }
            for log in logs { #expect(log == (size == 1 ? [] : [.barrier, .allGather])) }
        }
    }

    /// While the last shard of every rank is computed, the first part goes all the way: it is sent, added and gathered.
    @Test(arguments: [2, 3]) func theExchangeBeginsBeforeTheLastMapEnds(size: Int) throws {
        let content = Content(Self.layouts[0], shards: 2 * size)
        let wanted = content.reference()
        let logs = try InProcessCommunicator.run(size: size) { inner in
            let world = RecordingCommunicator(inner)
            let reduction = try Self.reduction(world, threads: 1, shards: 2 * size)
            reduction.exchange.gatherLimit = 0
            let total = try reduction.sum(content.layout) { shard, _, statistics in
                if shard + 1 < reduction.owned.upperBound {
                    content.map(shard, statistics, .everyRow)
                    #expect(world.events.isEmpty)
                    return
                }
                content.map(shard, statistics, .atOnce)
                Self.wait(until: { world.events.contains(.allGather) }, after: { statistics.finish(rowsFrom: 0) })
                world.note("mapped")
            }
            #expect(OrderedReductionTests.Totals(total) == wanted)
            #expect(reduction.times.map > 0 && reduction.times.exchange > 0 && reduction.times.wait >= 0)
            return world.events
        }
        for log in logs {
            let mapped = try #require(log.firstIndex(of: .note("mapped")))
            // The order is the same on all ranks, and two parts are sent before the first is gathered.
            #expect(log.prefix(3) == [.allToAll, .allToAll, .allGather])
            #expect(mapped >= 3)
            #expect(log.filter { $0 != .note("mapped") } == logs[0].filter { $0 != .note("mapped") })
            #expect(!log.contains(.barrier))
        }
    }

    /// Another thread finishes rows; the one that called `sum` has nothing left to map, and sends them.
    @Test func theCallingThreadSendsWhatOthersFinish() throws {
        let content = Content(Self.layouts[0], shards: 4)
        let wanted = content.reference()
        let strange = try InProcessCommunicator.run(size: 2) { inner in
            let world = RecordingCommunicator(inner)
            let reduction = try Self.reduction(world, threads: 2, shards: 4)
            let began = Atomic<Int>(0)
            let total = try reduction.sum(content.layout) { shard, worker, statistics in
                began.add(1, ordering: .relaxed)
                // Each thread has one of the two shards.
                Self.wait(until: { began.load(ordering: .relaxed) == 2 })
                content.map(shard, statistics, .everyRow)
                if worker == 1 { Self.wait(until: { !world.events.isEmpty }) }
            }
            #expect(OrderedReductionTests.Totals(total) == wanted)
            return world.callsElsewhere
        }
        #expect(strange == [0, 0])
    }

    @Test func stepsReuseTheirStatistics() throws {
        let content = Content(Self.layouts[0], shards: 13)
        try InProcessCommunicator.run(size: 2) { world in
            let reduction = try Self.reduction(world, threads: 1, shards: 13)
            var seen: Set<ObjectIdentifier> = []
            for step in 0..<6 {
                let known = seen
                _ = try reduction.sum(content.layout) { shard, _, statistics in
                    seen.insert(ObjectIdentifier(statistics))
                    content.map(shard, statistics, .everyRow)
                }
                #expect(step < 2 || seen == known)
            }
        }
    }

    struct Broken: Error, Equatable { let shard: Int }

    @Test(arguments: [2, 3, 4], [1, 3]) func anErrorWhilePartsAreUnderWayEndsAllMembers(size: Int, threads: Int) throws
    {
        let shards = 4 * size
        let content = Content(Self.layouts[0], shards: shards)
        #expect(throws: Broken(shard: shards - 1)) {
            try InProcessCommunicator.run(size: size) { world in
                let reduction = try Self.reduction(world, threads: threads, shards: shards)
                reduction.exchange.gatherLimit = 0
                func sum(failing: Bool) throws {
                    _ = try reduction.sum(content.layout) { shard, _, statistics in
                        content.map(shard, statistics, .everyRow)
                        if failing, shard == shards - 1 { throw Broken(shard: shard) }
                    }
                }
                for _ in 0..<3 { try sum(failing: false) }
                do {
                    try sum(failing: true)
                } catch let error as Broken {
                    // With one thread, the last shard has started what all shards of its rank had finished: the ranks no
                    // longer agree on the next message.
                    if threads == 1 {
                        var again: (any Error)?
                        do { try sum(failing: false) } catch { again = error }
                        #expect(again as? Broken == error)
                    }
                    throw error
                }
            }
        }
    }

    // MARK: Over MPI

    private func check(_ arguments: String..., ranks: Int) throws -> ChildProcess.Result {
        try MPIRun.run(
            executable: ProductsFolder.executable("TrainingCheck"), ranks: ranks, arguments: arguments)
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"))
    func sumsKeepTheirBytesOverMPI() throws {
        let alone = try check("sums", "1", ranks: 1)
        #expect(alone.status == 0 && alone.standardOutput.split(separator: "\n").count == 10, "\(alone)")
        for (ranks, threads) in [(2, 1), (3, 1), (4, 1), (2, 3)] {
            let result = try check("sums", "\(threads)", ranks: ranks)
            #expect(result.status == 0 && result.standardOutput == alone.standardOutput, "\(result)")
        }
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), arguments: [2, 3])
    func anErrorWhilePartsAreUnderWayEndsTheJob(ranks: Int) throws {
        let result = try check("fail", "1", "3", ranks: ranks)
        #expect(result.status == 3, "\(result)")
        #expect(result.standardError.contains("rank 1 of \(ranks) on "))
        #expect(result.standardError.contains("a planned error"))
    }

    // MARK: Support

    private static func reduction(
        _ world: any Communicator, threads: Int, shards: Int, layout: NodeLayout? = nil
    ) throws -> OrderedReduction {
        let reduction = try OrderedReduction(
            communicator: world, team: Team(threads: threads), shards: shards, layout: layout)
        reduction.leastChunk = 64
        return reduction
    }

    /// Returns when the condition holds, or after ten minutes: then what was waited for never comes.
    private static func wait(until condition: () -> Bool, after poll: () -> Void = {}) {
        let start = ContinuousClock.now
        while !condition(), (ContinuousClock.now - start).seconds < 600 {
            poll()
            usleep(100)
        }
    }
}
