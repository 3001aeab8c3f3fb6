import Core
import Foundation
import Messaging
import TestSupport
import Testing

@testable import Training

@Suite(.timeLimit(.minutes(15))) struct WatchdogTests {
    private final class Said: Sendable {
        private let lines = Locked<[String]>([])
        func add(_ text: String) { lines.withLock { $0.append(text) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// Short steps, but for one in which a shard waits for something.
    private final class Sleepy: TrainingMethod {
        private(set) var step = 0
        let shard: Int
        let awaited: () -> Bool
        init(shard: Int, until awaited: @escaping () -> Bool) { (self.shard, self.awaited) = (shard, awaited) }
        var phase: String { "sleep" }
        var layout: StatisticsLayout { StatisticsLayout(sums: 1) }
        var isFinished: Bool { step >= 12 }
        var progress: Double { 0 }
        func map(shard: Int, worker: Int, into statistics: Statistics) throws {
            guard step == 9, shard == self.shard else { return }
            // The suite's time limit ends a wait for what never comes.
            while !awaited() { Thread.sleep(forTimeInterval: 0.01) }
        }
        func update(_ total: Statistics, team: Team) throws -> MetricRow? {
            step += 1
            return nil
        }
    }

    /// - Parameter awaited: what the late rank waits for, given what was said and how often the job was ended.
    private func run(
        _ limits: Watchdog.Limits, late: Int, until awaited: @escaping @Sendable ([String], Int) -> Bool
    ) throws -> (said: [String], ends: Int) {
        let folder = try ScratchFolder()
        let (said, ended) = (Said(), Said())
        _ = try InProcessCommunicator.run(size: 3) { world in
            let watchdog = Watchdog(
                rank: world.rank, ranks: 3, host: "node\(world.rank)", folder: folder / "notes", limits: limits,
                say: { said.add($0) }, end: { ended.add("ended") })
            let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 3)
            loop.watchdog = watchdog
            loop.begin("part")
            _ = try loop.run(Sleepy(shard: late) { awaited(said.all, ended.all.count) })
            watchdog.finish()
        }
        #expect(!FileManager.default.fileExists(atPath: folder / "notes"), "notes are removed")
        return (said.all, ended.all.count)
    }

    @Test(arguments: [0, 2]) func theRankThatTheOthersWaitForIsNamed(late: Int) throws {
        var limits = Watchdog.Limits()
        limits.seconds = 0.3
        // Said again after twice the time: on a busy machine the other ranks' notes may come after the first message.
        let said = try run(limits, late: late) { said, _ in
            said.contains { $0.contains("Waiting for other ranks: 2 of 3") }
        }.said
        let text = said.last ?? ""
        #expect(text.contains("part: sleep") && text.contains("Still computing: rank \(late) (node\(late))"), "\(text)")
        #expect(text.contains("Waiting for other ranks: 2 of 3"), "\(text)")
    }

    @Test func usualStepsAreNoNews() throws {
        let until = ContinuousClock.now + .seconds(0.5)
        #expect(try run(Watchdog.Limits(), late: 1) { _, _ in ContinuousClock.now > until }.said.isEmpty)
    }

    @Test func aStalledStepEndsTheJobWhereThatIsAsked() throws {
        var limits = Watchdog.Limits()
        limits.stall = 0.5
        let (said, ends) = try run(limits, late: 1) { _, ends in ends > 0 }
        #expect(ends > 0)
        #expect(said.contains { $0.contains("part: sleep") && $0.contains("--stall-limit") }, "\(said)")
    }
}
