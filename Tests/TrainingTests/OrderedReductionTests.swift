import Messaging
import Numerics
import Testing

@testable import Training

@Suite(.timeLimit(.minutes(10))) struct OrderedReductionTests {
    /// What the shards contribute: random numbers whose sum depends on the order of addition.
    struct Content: Sendable {
        let layout: StatisticsLayout
        let step: Int

        private var random: CounterRandom { CounterRandom(seed: 11, purpose: .test, step: step) }

        /// Whether a shard has anything to say about a row: about a third of them.
        func touches(_ shard: Int, _ row: Int) -> Bool { random.integer(below: 3, item: shard, draw: 1000 + row) == 0 }

        func fill(_ shard: Int, row: Int, _ target: UnsafeMutablePointer<Float>) {
            random.normals(
                item: shard * 1000 + row, into: UnsafeMutableBufferPointer(start: target, count: layout.columns))
        }

        func sum(_ shard: Int, _ index: Int) -> Double {
            // Over many orders of magnitude, so that any other order of addition shows.
            (random.uniform(item: shard, draw: 5000 + index) - 0.5) * Double(1 << (index % 30))
        }

        func map(_ shard: Int, _ statistics: Statistics) {
            for row in 0..<layout.rows where touches(shard, row) {
                let target = statistics.touchRow(row)
                var values = [Float](repeating: 0, count: layout.columns)
                values.withUnsafeMutableBufferPointer { fill(shard, row: row, $0.baseAddress!) }
                for column in 0..<layout.columns { target[column] += values[column] }
            }
            for index in 0..<layout.sums { statistics.sums[index] += sum(shard, index) }
        }

        /// The sum by plain recursion over the tree: shard 2i with 2i + 1, then pairs of pairs.
        func reference(shards: Int) -> Totals { reference(0, width: width(shards), shards) }

        private func width(_ shards: Int) -> Int {
            var width = 1
            while width < shards { width *= 2 }
            return width
        }

        private func reference(_ start: Int, width: Int, _ shards: Int) -> Totals {
            if width == 1 {
                var bulk = [Float](repeating: 0, count: layout.bulk)
                bulk.withUnsafeMutableBufferPointer {
                    for row in 0..<layout.rows where touches(start, row) {
                        fill(start, row: row, $0.baseAddress! + row * layout.columns)
                    }
                }
                return Totals(bulk: bulk, sums: (0..<layout.sums).map { sum(start, $0) })
            }
            let left = reference(start, width: width / 2, shards)
            guard start + width / 2 < shards else { return left }
            let right = reference(start + width / 2, width: width / 2, shards)
            return Totals(
                bulk: zip(left.bulk, right.bulk).map { $0 + $1 }, sums: zip(left.sums, right.sums).map { $0 + $1 })
        }
    }

    struct Totals: Sendable, Equatable {
        var bulk: [Float]
        var sums: [Double]

        init(bulk: [Float], sums: [Double]) {
            self.bulk = bulk
            self.sums = sums
        }

        init(_ statistics: Statistics) {
            bulk = Array(UnsafeBufferPointer(start: statistics.bulk, count: statistics.layout.bulk))
            sums = Array(statistics.sums)
        }

        /// Bytes, not values: 0 and -0 differ.
        static func == (first: Totals, second: Totals) -> Bool {
            first.bulk.map(\.bitPattern) == second.bulk.map(\.bitPattern)
                && first.sums.map(\.bitPattern) == second.sums.map(\.bitPattern)
        }
    }

    /// Layouts that change from step to step: larger, smaller, one part missing, nothing at all.
    static let layouts = [
        StatisticsLayout(rows: 9, columns: 37, sums: 23), StatisticsLayout(sums: 5),
        StatisticsLayout(rows: 40, columns: 3), StatisticsLayout(), StatisticsLayout(rows: 1, columns: 1, sums: 1),
        StatisticsLayout(rows: 9, columns: 37, sums: 23), StatisticsLayout(rows: 2, columns: 70, sums: 400),
    ]

    @Test(arguments: [1, 5, 16, 64])
    func sumsHaveTheSameBytesForAnyNumberOfRanksAndThreads(shards: Int) throws {
        let contents = Self.layouts.enumerated().map { Content(layout: $1, step: $0) }
        let wanted = contents.map { $0.reference(shards: shards) }
        for size in [1, 2, 3, 4, 7] where size <= shards {
            for threads in [1, 2, 3] {
                let results = try InProcessCommunicator.run(size: size) { world in
                    let reduction = try OrderedReduction(
                        communicator: world, team: Team(threads: threads), shards: shards)
                    return try contents.map { content in
                        Totals(
                            try reduction.sum(content.layout) { shard, _, statistics in
                                content.map(shard, statistics)
                            })
                    }
                }
                #expect(results.count == size)
                for totals in results {
                    #expect(totals == wanted, "\(size) ranks of \(threads) threads, \(shards) shards")
                }
            }
        }
    }

    /// Segments longer than a block of additions, and uneven ones.
    @Test func longVectors() throws {
        let content = Content(layout: .init(rows: 61, columns: 487, sums: 9001), step: 50)
        let wanted = content.reference(shards: 5)
        for size in [1, 2, 3] {
            let results = try InProcessCommunicator.run(size: size) { world in
                let reduction = try OrderedReduction(communicator: world, team: Team(threads: 2), shards: 5)
                return Totals(try reduction.sum(content.layout) { shard, _, total in content.map(shard, total) })
            }
            #expect(results.allSatisfy { $0 == wanted })
        }
    }

    @Test func everyShardIsMappedOnceByAWorkerOfTheTeam() throws {
        let calls = try InProcessCommunicator.run(size: 3) { world in
            let reduction = try OrderedReduction(communicator: world, team: Team(threads: 2), shards: 17)
            let total = try reduction.sum(.init(sums: 17)) { shard, worker, statistics in
                #expect((0..<2).contains(worker))
                #expect(reduction.owned.contains(shard))
                statistics.sums[shard] += 1
            }
            return Array(total.sums)
        }
        #expect(calls == Array(repeating: Array(repeating: 1, count: 17), count: 3))
    }

    struct Broken: Error, Equatable { let shard: Int }

    @Test(arguments: [1, 2, 3, 4]) func anErrorInOneShardEndsAllMembers(size: Int) throws {
        #expect(throws: Broken(shard: 11)) {
            try InProcessCommunicator.run(size: size) { world in
                let reduction = try OrderedReduction(communicator: world, team: Team(threads: 2), shards: 16)
                for step in 0..<5 {
                    _ = try reduction.sum(.init(rows: 2, columns: 2, sums: 3)) { shard, _, statistics in
                        statistics.touchRow(shard % 2)[0] += 1
                        if step == 3, shard == 11 { throw Broken(shard: shard) }
                    }
                }
            }
        }
    }

    @Test func theLowestShardsErrorIsThrownAndTheReductionGoesOn() throws {
        let reduction = try OrderedReduction(
            communicator: SingleCommunicator(), team: Team(threads: 3), shards: 32)
        for _ in 0..<20 {
            #expect(throws: Broken(shard: 5)) {
                _ = try reduction.sum(.init(sums: 1)) { shard, _, statistics in
                    statistics.sums[0] += 1
                    if shard >= 5 { throw Broken(shard: shard) }
                }
            }
            let total = try reduction.sum(.init(rows: 3, columns: 1, sums: 2)) { _, _, statistics in
                statistics.touchRow(1)[0] += 2
                statistics.sums[1] += 1
            }
            #expect(Array(total.sums) == [0, 32])
            #expect((0..<3).map { total.bulk[$0] } == [0, 64, 0])
        }
    }

    @Test func moreRanksThanShards() throws {
        let messages = try InProcessCommunicator.run(size: 4) { world in
            do {
                _ = try OrderedReduction(communicator: world, team: Team(threads: 1), shards: 3)
                return "accepted"
            } catch { return "\(error)" }
        }
        #expect(messages.count == 4)
        for message in messages { #expect(message.contains("4 ranks") && message.contains("`shards`")) }
    }

    @Test func timesAndBytesAreCounted() throws {
        let times = try InProcessCommunicator.run(size: 2) { world in
            let reduction = try OrderedReduction(communicator: world, team: Team(threads: 1), shards: 4)
            _ = try reduction.sum(.init(rows: 10, columns: 100)) { _, _, statistics in statistics.touchRow(0)[0] = 1 }
            return reduction.times
        }
        for time in times {
            #expect(time.map > 0 && time.exchange > 0)
            // Half of the vector goes out and comes in, twice; the vector is cut at cache lines.
            #expect((8000...8200).contains(time.bytes))
        }
    }
}
