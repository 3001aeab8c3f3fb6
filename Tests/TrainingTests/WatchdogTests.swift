import Foundation
import Messaging
import Synchronization
import TestSupport
import Testing

@testable import Training

@Suite(.timeLimit(.minutes(5))) struct WatchdogTests {
    private final class Said: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ text: String) { lines.withLock { $0.append(text) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// Short steps, but for one in which a shard takes its time.
    private final class Sleepy: TrainingMethod {
        private(set) var step = 0
        let shard: Int
        let seconds: Double
        init(shard: Int, seconds: Double) { (self.shard, self.seconds) = (shard, seconds) }
        var phase: String { "sleep" }
        var layout: StatisticsLayout { StatisticsLayout(sums: 1) }
        var isFinished: Bool { step >= 12 }
        var progress: Double { 0 }
        func map(shard: Int, worker: Int, into statistics: Statistics) throws {
            if step == 9, shard == self.shard { Thread.sleep(forTimeInterval: seconds) }
        }
        func update(_ total: Statistics, team: Team) throws -> MetricRow? {
            step += 1
            return nil
        }
    }

    private func run(_ limits: Watchdog.Limits, late: Int, seconds: Double, ended: Said = Said()) throws -> [String] {
        let folder = try ScratchFolder()
        let said = Said()
        _ = try InProcessCommunicator.run(size: 3) { world in
            let watchdog = Watchdog(
                rank: world.rank, ranks: 3, host: "node\(world.rank)", folder: folder / "notes", limits: limits,
                say: { said.add($0) }, end: { ended.add("ended") })
            let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 3)
            loop.watchdog = watchdog
            loop.begin("part")
            _ = try loop.run(Sleepy(shard: late, seconds: seconds))
            watchdog.finish()
        }
        #expect(!FileManager.default.fileExists(atPath: folder / "notes"), "notes are removed")
        return said.all
    }

    @Test(arguments: [0, 2]) func theRankThatTheOthersWaitForIsNamed(late: Int) throws {
        var limits = Watchdog.Limits()
        limits.seconds = 0.3
        let said = try run(limits, late: late, seconds: 3)
        #expect(said.count >= 1, "\(said)")
        let text = said.first ?? ""
        #expect(text.contains("part: sleep") && text.contains("Still computing: rank \(late) (node\(late))"), "\(text)")
        #expect(text.contains("Waiting for other ranks: 2 of 3"), "\(text)")
    }

    @Test func usualStepsAreNoNews() throws {
        #expect(try run(Watchdog.Limits(), late: 1, seconds: 0.5).isEmpty)
    }

    @Test func aStalledStepEndsTheJobWhereThatIsAsked() throws {
        var limits = Watchdog.Limits()
        limits.stall = 0.5
        let ended = Said()
        let said = try run(limits, late: 1, seconds: 2, ended: ended)
        #expect(!ended.all.isEmpty)
        #expect(said.contains { $0.contains("part: sleep") && $0.contains("--stall-limit") }, "\(said)")
    }
}
