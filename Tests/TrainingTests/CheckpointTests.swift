import Datasets
import Foundation
import Messaging
import Numerics
import TestSupport
import Testing

@testable import Training

@Suite struct CheckpointTests {
    /// Multiplies a number in every step: the order and the number of steps show in the result.
    final class Product: ResumableMethod {
        var (value, step) = (1.0, 0)
        private let steps: Int
        private let start: Double
        /// Steps that this process did.
        private(set) var done = 0

        init(steps: Int, start: Double) { (self.steps, self.start, value) = (steps, start, start) }

        var phase: String { "multiply" }
        var layout: StatisticsLayout { StatisticsLayout(sums: 1) }
        var isFinished: Bool { step >= steps }
        var progress: Double { Double(step) / Double(steps) }
        func map(shard: Int, worker: Int, into statistics: Statistics) throws {
            statistics.sums[0] += 1 / Double(shard + step + 2)
        }
        func update(_ total: Statistics, team: Team) throws -> MetricRow? {
            value = value * total.sums[0] + start
            step += 1
            done += 1
            return MetricRow([("step", .integer(step)), ("value", .real(value))], headline: "step \(step)")
        }
        func state() -> TrainingState? {
            var state = TrainingState()
            state.set("step", step)
            state.set("value", [value])
            return state
        }
        func restore(_ state: TrainingState) throws {
            step = try state.integer("step")
            value = try state.numbers("value", count: 1)[0]
        }
    }

    struct Result: Sendable {
        var outcome: TrainingLoop.Outcome
        var values: [Double] = []
        var rows: [String] = []
        /// Steps of each method in this process.
        var done: [Int] = []
    }

    /// Three methods in a part, each starting from the one before; stops where step `stop` of all was done.
    private func run(
        _ world: any Communicator = SingleCommunicator(), in folder: ScratchFolder, stop: Int? = nil,
        schedule: CheckpointWriter.Schedule = .init(minutes: nil), from found: Checkpoint? = nil
    ) throws -> Result {
        let loop = try TrainingLoop(communicator: world, team: Team(threads: 1), shards: 5)
        var result = Result(outcome: .finished)
        var count = 0
        loop.stopRequested = {
            count += 1
            return count == stop
        }
        loop.onMetrics = { result.rows.append($0.json) }
        if world.rank == 0 {
            loop.checkpoints = try CheckpointWriter(runFolder: folder.path, schedule: schedule, after: found)
        }
        if let found { loop.resume(from: found) }
        loop.rowsRecorded = found?.metricRows ?? 0
        loop.begin("part")
        for _ in 0..<3 {
            let method = Product(steps: 4, start: (result.values.last ?? 1) + 0.1)
            result.outcome = try loop.run(method)
            result.done.append(method.done)
            if result.outcome == .stopped { break }
            result.values.append(method.value)
        }
        try loop.checkpoints?.finish()
        return result
    }

    private func newest(_ folder: ScratchFolder) throws -> Checkpoint? {
        try Checkpoint.newest(in: folder / Checkpoint.folderName).checkpoint
    }

    @Test(arguments: 1...11) func aStoppedRunGoesOnToTheSameBytes(stop: Int) throws {
        let whole = try run(in: ScratchFolder())
        #expect(whole.rows.count == 12)
        let all: [Int] = [4, 4, 4]
        #expect(whole.done == all)
        let folder = try ScratchFolder()
        let first = try run(in: folder, stop: stop)
        // A wish in a method's last step is heard in none here: it is not repeated.
        guard first.outcome == .stopped else { return }
        let found = try #require(try newest(folder))
        #expect(found.part == "part" && found.progress.contains("step"))
        #expect(found.metricRows == first.rows.count)
        for size in 1...3 {
            let ends = try InProcessCommunicator.run(size: size) { try self.run($0, in: folder, from: found) }
            for end in ends { #expect(end.values == whole.values) }
            let rows: [String] = first.rows + ends[0].rows
            #expect(rows == whole.rows)
            let steps: Int = (first.done + ends[0].done).reduce(0, +)
            #expect(steps == 12, "nothing is done twice")
        }
    }

    @Test func checkpointsComeEverySoManyStepsOrMinutesAndOlderOnesGo() throws {
        func check(_ schedule: CheckpointWriter.Schedule, leaves wanted: [Int]) throws {
            let folder = try ScratchFolder()
            _ = try run(in: folder, schedule: schedule)
            let found: [Int] = try Checkpoint.serials(in: folder / Checkpoint.folderName)
            #expect(found == wanted)
        }
        try check(.init(steps: 5, minutes: nil, kept: 5), leaves: [1, 2])
        try check(.init(steps: 1, minutes: nil, kept: 3), leaves: [10, 11, 12])
        try check(.init(steps: nil, minutes: 1e-9, kept: 2), leaves: [11, 12])
        try check(.init(steps: nil, minutes: 60, kept: 2), leaves: [])
    }

    @Test func aDamagedCheckpointGivesWayToTheOneBefore() throws {
        let folder = try ScratchFolder()
        _ = try run(in: folder, stop: 6, schedule: .init(steps: 3, minutes: nil, kept: 9))
        let names = try Checkpoint.serials(in: folder / "checkpoints").map { "checkpoints/" + Checkpoint.fileName($0) }
        #expect(names.count == 2)
        let good = try folder.bytes(of: names[1])
        // Every byte counts.
        for index in good.indices {
            var bytes = good
            bytes[index] ^= 1 << (index % 8)
            try folder.write(bytes, to: names[1])
            let found = try Checkpoint.newest(in: folder / "checkpoints")
            let (serial, warnings) = (found.checkpoint?.serial, found.warnings)
            #expect(serial == 1, "byte \(index)")
            #expect(warnings.count == 1 && warnings[0].contains(names[1]))
        }
        for length in stride(from: 0, to: good.count, by: 7) {
            try folder.write(good.prefix(length), to: names[1])
            #expect(try newest(folder)?.serial == 1)
        }
        try folder.write(good, to: names[1])
        #expect(try newest(folder)?.serial == 2)
        try folder.write(good.prefix(100), to: names[0])
        try folder.write(good.dropLast(), to: names[1])
        let error = #expect(throws: LloydError.self) { _ = try self.newest(folder) }
        #expect("\(error!)".contains(names[1]) && "\(error!)".contains("Remedy"))
    }

    @Test func whatAKilledProcessLeftHalfWrittenIsRemoved() throws {
        let folder = try ScratchFolder()
        _ = try run(in: folder, stop: 3)
        try folder.write("half", to: "checkpoints/checkpoint-000002.safetensors.partial-Xy12ab")
        try folder.write("damaged", to: "checkpoints/checkpoint-000007.safetensors")
        let found = try #require(try newest(folder))
        #expect(found.serial == 1)
        _ = try CheckpointWriter(runFolder: folder.path, schedule: .init(), after: found)
        let files: [String] = try folder.files(below: "checkpoints")
        #expect(files == ["checkpoint-000001.safetensors", "checkpoint-000007.safetensors.aside-1"])
        #expect(try folder.text(of: "checkpoints/checkpoint-000007.safetensors.aside-1") == "damaged")
    }

    /// What cannot be read just now may be whole: the resumption stops, and nothing is removed.
    @Test func aCheckpointThatCannotBeReadIsNotADamagedOne() throws {
        let folder = try ScratchFolder()
        _ = try run(in: folder, stop: 6, schedule: .init(steps: 3, minutes: nil, kept: 9))
        // Root may read everything; a folder and a circle of links cannot be read at all.
        let path = folder / "checkpoints/checkpoint-000009.safetensors"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        let before = try folder.contents(below: "checkpoints")
        let error = #expect(throws: LloydError.self) { _ = try self.newest(folder) }
        #expect("\(error!)".contains(path) && "\(error!)".contains("symbolic"))
        #expect(try folder.contents(below: "checkpoints") == before)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(throws: LloydError.self) { _ = try self.newest(folder) }
    }

    @Test func aCheckpointThatCountsOnLostRowsGivesWayToAnEarlierOne() throws {
        let folder = try ScratchFolder()
        let whole = try run(in: ScratchFolder())
        _ = try run(in: folder, stop: 7, schedule: .init(steps: 2, minutes: nil, kept: 9))
        for (rows, wanted, warned) in [(100, 7, 0), (7, 7, 0), (6, 6, 1), (5, 4, 2), (1, nil, 4)] as [(Int, Int?, Int)]
        {
            let found = try Checkpoint.newest(in: folder / "checkpoints", metricRows: rows)
            let (left, warnings) = (found.checkpoint?.metricRows, found.warnings.count)
            #expect(left == wanted && warnings == warned, "\(rows) rows: \(found.warnings)")
            guard let checkpoint = found.checkpoint else { continue }
            let copy = try ScratchFolder()
            let end = try run(in: copy, from: checkpoint)
            #expect(end.values.last == whole.values.last)
        }
    }

    /// A disk that is full for a moment costs a checkpoint, not the run.
    @Test func aCheckpointThatCannotBeWrittenIsTriedAgain() throws {
        let folder = try ScratchFolder()
        let writer = try CheckpointWriter(runFolder: folder.path, schedule: .init(steps: 1), after: nil)
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
        var (warnings, isFull) = ([String](), true)
        writer.onWarning = { warnings.append($0) }
        writer.beforeWriting = {
            if isFull { throw LloydError.file(path: "run", problem: "no space left", remedy: "free some") }
        }
        loop.checkpoints = writer
        loop.begin("part")
        loop.onMetrics = { row in
            if row["step"] == .integer(4) { isFull = false }
        }
        let method = Product(steps: 6, start: 1)
        let outcome = try loop.run(method)
        #expect(outcome == .finished && method.done == 6)
        try writer.finish()
        #expect(warnings.count == 3, "\(warnings)")
        #expect(warnings.first?.contains("no space left") == true)
        let step = try newest(folder)?.states["method-0"]?.integer("step")
        #expect(step == 6)
    }

    @Test func aStopWithoutAnyCheckpointIsAnError() throws {
        let folder = try ScratchFolder()
        let writer = try CheckpointWriter(runFolder: folder.path, schedule: .init(steps: 1), after: nil)
        let loop = try TrainingLoop(communicator: SingleCommunicator(), team: Team(threads: 1), shards: 1)
        loop.checkpoints = writer
        loop.begin("part")
        // The folder is gone after the first step, and comes back after the run.
        loop.onMetrics = { row in
            if row["step"] == .integer(1) { try FileManager.default.removeItem(atPath: folder / "checkpoints") }
        }
        var steps = 0
        loop.stopRequested = {
            steps += 1
            return steps == 3
        }
        let outcome = try loop.run(Product(steps: 1_000, start: 1))
        #expect(outcome == .stopped)
        let error = #expect(throws: LloydError.self) { try writer.finish() }
        #expect("\(error!)".contains("no checkpoint could be written"))
        try FileManager.default.createDirectory(atPath: folder / "checkpoints", withIntermediateDirectories: false)
        try writer.finish()
        let step = try newest(folder)?.states["method-0"]?.integer("step")
        #expect(step == 3, "the last state was kept and is tried once more")
    }

    @Test func statesOfAnotherShapeAreRefused() throws {
        var state = TrainingState()
        state.set("a", AlignedBuffer<Float>(count: 5))
        state.set("n", [1, 2])
        state.set("i", 7)
        let nested = {
            var outer = TrainingState()
            outer.set("inner", state)
            return outer
        }()
        #expect(nested.part("inner") == state)
        #expect(nested.part("other") == nil)
        let (short, right) = (AlignedBuffer<Float>(count: 4), AlignedBuffer<Float>(count: 5))
        #expect(throws: LloydError.self) { try state.fill(short, "a") }
        #expect(throws: LloydError.self) { try state.fill(right, "b") }
        #expect(throws: LloydError.self) { _ = try state.numbers("n", count: 3) }
        #expect(throws: LloydError.self) { _ = try state.numbers("a") }
        #expect(throws: LloydError.self) { _ = try state.integer("n") }
        let (integer, numbers) = (try state.integer("i"), try state.numbers("n"))
        #expect(integer == 7)
        #expect(numbers == [1.0, 2.0])
    }
}
