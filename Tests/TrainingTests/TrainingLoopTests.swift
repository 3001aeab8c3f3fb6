import Foundation
import Messaging
import Testing

@testable import Training

@Suite(.timeLimit(.minutes(10))) struct TrainingLoopTests {
    /// Sums one over all shards, step after step.
    final class Counting: TrainingMethod {
        let last: Int
        private let first: Int
        private(set) var steps: Int

        /// - Parameter first: steps that are done already.
        init(last: Int, first: Int = 0) {
            self.last = last
            self.first = first
            steps = first
        }

        var phase: String { steps % 2 == 0 ? "even" : "odd" }
        var layout: StatisticsLayout { StatisticsLayout(rows: steps % 3, columns: 2, sums: 1 + steps % 2) }
        var isFinished: Bool { steps == last }
        var progress: Double { Double(steps) / Double(last) }
        var restored: Double { Double(first) / Double(last) }

        func map(shard: Int, worker: Int, into statistics: Statistics) throws { statistics.sums[0] += 1 }

        func update(_ total: Statistics, team: Team) throws -> MetricRow? {
            steps += 1
            return MetricRow([("step", .integer(steps)), ("shards", .real(total.sums[0]))])
        }

        func takeArtifacts() -> [Artifact] {
            steps == 2 ? [Artifact(path: "two.txt") { _ in }] : []
        }
    }

    @Test(arguments: [1, 2, 3, 4]) func allMembersStopAfterTheSameStep(size: Int) throws {
        for wanting in 0..<size {
            let ends = try InProcessCommunicator.run(size: size) { world in
                let loop = try TrainingLoop(communicator: world, team: Team(threads: 2), shards: 9)
                let method = Counting(last: 50)
                loop.stopRequested = { world.rank == wanting && method.steps >= 4 }
                return (try loop.run(method), method.steps)
            }
            #expect(ends.count == size)
            for end in ends {
                #expect(end.0 == .stopped)
                #expect(end.1 == 5, "the step in which the wish came is finished everywhere")
            }
        }
    }

    @Test func aWishInTheLastStepLeavesTheRunFinished() throws {
        let ends = try InProcessCommunicator.run(size: 3) { world in
            let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 3)
            let method = Counting(last: 6)
            loop.stopRequested = { world.rank == 1 && method.steps == 5 }
            return try loop.run(method)
        }
        #expect(ends == [.finished, .finished, .finished])
    }

    /// A run whose first part is there already, and half of its second: only the rest says how fast this process is.
    @Test func whatAnEarlierProcessHasDoneIsToldApart() throws {
        final class Seen {
            var steps: [(progress: Double, restored: Double)] = []
        }
        let seen = Seen()
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
        loop.onStep = { _, _, progress, restored in seen.steps.append((progress, restored)) }
        loop.begin("second", spanning: 0.25...0.5)
        _ = try loop.run(Counting(last: 4, first: 2))
        // Something that belongs to the part and takes no share of its own.
        _ = try loop.run(Counting(last: 1))
        loop.begin("third", spanning: 0.5...1)
        _ = try loop.run(Counting(last: 2))
        #expect(seen.steps.map(\.progress) == [0.4375, 0.5, 0.5, 0.75, 1])
        #expect(seen.steps.allSatisfy { $0.restored == 0.375 })
        // A quarter of the 62.5 % took 20 s, so the other three quarters take a minute.
        let (done, restored) = (0.375 + 0.625 / 4, 0.375)
        let left = try #require(ProgressLine.remaining(after: 20, fraction: done, restored: restored))
        #expect(abs(left - 60) < 1e-9)
        #expect(ProgressLine.remaining(after: 20, fraction: 0.38, restored: 0.375) == nil, "too little to say")
        #expect(ProgressLine.remaining(after: 20, fraction: 1, restored: 0) == nil)
    }

    @Test func onlyTheCoordinatorRecords() throws {
        struct Seen: Sendable {
            var rows: [Double] = []
            var artifacts: [String] = []
            var fractions: [Double] = []
            var table: [Accounting.Row] = []
        }
        let all = try InProcessCommunicator.run(size: 3) { world in
            var seen = Seen()
            let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 7)
            loop.stopRequested = { false }
            loop.onMetrics = { row in if case .real(let value)? = row["shards"] { seen.rows.append(value) } }
            loop.onArtifact = { seen.artifacts.append($0.path) }
            loop.onStep = { _, _, fraction, _ in seen.fractions.append(fraction) }
            loop.begin("part", spanning: 0.5...1)
            #expect(try loop.run(Counting(last: 4)) == .finished)
            loop.measure("reading") {}
            try loop.record(MetricRow([("shards", .real(-1))]))
            seen.table = try loop.accounting.rows(over: world)
            return seen
        }
        #expect(all[0].rows == [7, 7, 7, 7, -1])
        #expect(all[0].artifacts == ["two.txt"])
        #expect(all[0].fractions == [0.625, 0.75, 0.875, 1])
        for other in all.dropFirst() {
            #expect(other.rows.isEmpty && other.artifacts.isEmpty && other.fractions.isEmpty)
        }
        for seen in all {
            #expect(seen.table.map(\.phase) == all[0].table.map(\.phase))
            #expect(seen.table.contains { $0.phase == "even" && $0.steps == 2 })
            #expect(seen.table.allSatisfy { $0.minimum <= $0.mean && $0.mean <= $0.maximum })
        }
    }

    @Test func theActivityNamesThePart() throws {
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
        loop.begin("trial 2")
        loop.measure("read data") { #expect(loop.activity == "trial 2: read data") }
    }
}
