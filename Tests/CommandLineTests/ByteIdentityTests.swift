import Foundation
import TestSupport
import Testing

/// The same config gives the same bytes on any number of ranks and threads, also when it is interrupted and resumed on
/// another number of ranks.
@Suite(.serialized, .enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .timeLimit(.minutes(10)))
struct ByteIdentityTests {
    private func runs(
        _ config: String, _ folder: ScratchFolder, on machines: [(ranks: Int, threads: Int)], wantedFiles: [String]
    ) throws {
        let config = try folder.write(config, to: "small.yaml")
        let alone = try LloydProgram.run(["train", config, "--run", folder / "alone"])
        #expect(alone.status == 0, "\(alone)")
        let wanted = try LloydProgram.results(folder, "alone")
        for file in wantedFiles { #expect(wanted[file] != nil, "\(file) is missing") }
        for (ranks, threads) in machines {
            let run = "run-\(ranks)-\(threads)"
            let result = try LloydProgram.run(
                ["train", config, "--run", folder / run, "--threads", "\(threads)"], ranks: ranks)
            #expect(result.status == 0, "\(result)")
            let found = try LloydProgram.results(folder, run)
            LloydProgram.expectSame(found, wanted, "\(ranks) ranks of \(threads) threads")
        }
    }

    @Test func rrqOnAnyNumberOfRanksAndThreads() throws {
        let codebooks = (1...5).map { "codebooks/layer-000\($0).safetensors" }
        try runs(
            LloydProgram.smallConfig, ScratchFolder(),
            on: (1...4).flatMap { ranks in [1, 2].map { (ranks, $0) } },
            wantedFiles: codebooks + [
                "transform.safetensors", "metrics.jsonl", "metrics.csv", "record.json", "config.yaml",
            ])
    }

    @Test func aStudyOnAnyNumberOfRanksAndThreads() throws {
        try runs(
            LloydProgram.smallStudy, ScratchFolder(), on: [(1, 2), (2, 1), (2, 2), (3, 2), (4, 1)],
            wantedFiles: ["metrics.jsonl", "metrics.csv", "record.json"])
    }

    @Test func aToySourceOnAnyNumberOfRanksAndThreads() throws {
        try runs(
            LloydProgram.smallToy, ScratchFolder(), on: [(2, 2), (3, 1), (4, 1)],
            wantedFiles: [
                "metrics.jsonl", "record.json", "points/vq-9.json", "points/ecvq-16.json", "models/ntc-4.safetensors",
                "models/ntvq-6.safetensors", "models/ntecvq-8.safetensors", "partitions/ecvq-16.safetensors",
                "partitions/ntc-16.safetensors",
            ])
    }

    @Test func aToySourceThatASignalStoppedGoesOnOnAnotherNumberOfRanks() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(
            LloydProgram.smallToy.replacing("lambdas: [4, 16]", with: "lambdas: [4, 16, 64]")
                .replacing("warm-steps: 20", with: "warm-steps: 400").replacing("ntvq, ntecvq]", with: "ntvq]"),
            to: "long.yaml")
        let whole = try LloydProgram.run(["train", config, "--run", folder / "whole"])
        #expect(whole.status == 0, "\(whole)")
        for (ranks, other) in [(1, 3), (2, 1)] {
            let run = "run-\(ranks)"
            let stopped = try interrupt(
                folder, config: config, run: run, ranks: ranks, signal: SIGUSR1, after: "points/ntc-16.json")
            #expect(stopped.status == 75, "\(stopped)")
            #expect(try LloydProgram.results(folder, run)["record.json"] == nil, "the run was stopped in its middle")
            let resumed = try LloydProgram.run(["train", config, "--run", folder / run, "--resume"], ranks: other)
            #expect(resumed.status == 0, "\(resumed)")
            #expect(resumed.standardOutput.contains("finished points"))
            LloydProgram.expectSame(
                try LloydProgram.results(folder, run), try LloydProgram.results(folder, "whole"),
                "stopped on \(ranks) ranks, resumed on \(other)")
        }
    }

    @Test func anImageCodecOnAnyNumberOfRanksAndThreads() throws {
        try runs(
            LloydProgram.smallNVTC, ScratchFolder(), on: [(1, 2), (2, 1), (2, 2), (3, 1), (4, 1)],
            wantedFiles: ["metrics.jsonl", "metrics.csv", "record.json"]
                + [128, 512].flatMap { ["models/nvtc-\($0).safetensors", "points/nvtc-\($0).json"] })
    }

    /// Two crops a micro-batch: their gradients are added before they travel.
    @Test func anImageCodecOnRanksThatShareMicroBatchesOfSeveralCrops() throws {
        let config = LloydProgram.smallNVTC.replacing("batch: 4", with: "batch: 6, micro-batch: 2")
        try runs(config, ScratchFolder(), on: [(2, 1), (3, 1)], wantedFiles: ["models/nvtc-512.safetensors"])
    }

    @Test(arguments: [(1, 3), (2, 1)])
    func anImageCodecThatASignalStoppedGoesOnOnAnotherNumberOfRanks(ranks: Int, other: Int) throws {
        let folder = try ScratchFolder()
        let config = try folder.write(
            LloydProgram.smallNVTC.replacing("steps: 20,", with: "steps: 240,")
                .replacing("{steps: 4}", with: "{steps: 4, kept: 1000}"), to: "long.yaml")
        let whole = try LloydProgram.run(["train", config, "--run", folder / "whole"])
        #expect(whole.status == 0, "\(whole)")
        let stopped = try interrupt(
            folder, config: config, ranks: ranks, signal: SIGUSR1, after: "checkpoints/checkpoint-000002.safetensors")
        #expect(stopped.status == 75, "\(stopped)")
        let before = try LloydProgram.results(folder, "run")
        #expect(before["record.json"] == nil, "stopped in its middle")
        let resumed = try LloydProgram.run(["train", config, "--run", folder / "run", "--resume"], ranks: other)
        #expect(resumed.status == 0, "\(resumed)")
        #expect(resumed.standardOutput.contains("Resuming after 0 of 2 models, checkpoint"))
        LloydProgram.expectSame(
            try LloydProgram.results(folder, "run"), try LloydProgram.results(folder, "whole"),
            "stopped on \(ranks) ranks, resumed on \(other)")
    }

    /// Stopped again and again after a number of steps, each leg on another number of ranks, also within layers and
    /// within points: the bytes are those of a run that nobody stopped.
    @Test(arguments: ["rrq", "nvtc", "toy"]) func aRunThatStopsTimeAndAgainAfterSomeSteps(kind: String) throws {
        // Steps of the first leg; each leg is longer than the one before, and most end within a layer or a point.
        let (config, steps) =
            switch kind {
            case "rrq": (Self.longConfig, 3)
            case "nvtc": (LloydProgram.smallNVTC.replacing("checkpoint: {steps: 4}", with: ""), 2)
            default: (LloydProgram.smallToy.replacing("ntc, ntvq, ntecvq]", with: "ntc, ntvq]"), 3)
            }
        let folder = try ScratchFolder()
        let path = try folder.write(config, to: "long.yaml")
        let whole = try LloydProgram.run(["train", path, "--run", folder / "whole"])
        #expect(whole.status == 0, "\(whole)")
        var legs = 0
        var result: ChildProcess.Result
        repeat {
            let most = Int(Double(steps) * pow(1.6, Double(legs)))
            result = try LloydProgram.run(
                ["train", path, "--run", folder / "run", "--max-steps", "\(most)"]
                    + (legs > 0 ? ["--resume"] : []),
                ranks: legs % 4 + 1)
            legs += 1
            #expect(result.status == 0 || result.status == 75, "\(result)")
        } while result.status == 75 && legs < 20
        #expect(legs > 3 && result.status == 0, "\(legs) legs")
        LloydProgram.expectSame(
            try LloydProgram.results(folder, "run"), try LloydProgram.results(folder, "whole"), "\(legs) legs")
    }

    /// Checkpoints are no part of the result, so their settings may change.
    @Test func theScheduleOfCheckpointsMayChangeWhenARunIsResumed() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        #expect(
            try LloydProgram.run(["train", config, "--run", folder / "run", "--max-hours", "1e-9"]).status == 75)
        let other = ["train", config, "--run", folder / "run", "--resume", "--set", "checkpoint.minutes=3"]
        #expect(try LloydProgram.run(other).status == 0)
        let refused = try LloydProgram.run(other + ["--set", "rrq.layers=6"])
        #expect(refused.status == 2 && refused.standardError.contains("rrq.layers"), "\(refused)")
    }

    /// Starts a run, sends a signal once some layers are finished, and waits for its end.
    private func interrupt(
        _ folder: ScratchFolder, config: String, ranks: Int, signal: Int32, after layer: Int
    ) throws -> ChildProcess.Result {
        try interrupt(
            folder, config: config, ranks: ranks, signal: signal, after: "codebooks/layer-000\(layer).safetensors")
    }

    /// Starts a run, sends a signal once a file of it exists, and waits for its end. A machine on which the run is over
    /// before the signal can be sent is given another chance.
    private func interrupt(
        _ folder: ScratchFolder, config: String, run: String = "run", ranks: Int, signal: Int32, after file: String
    ) throws -> ChildProcess.Result {
        let mark = folder / "\(run)/\(file)"
        let interruption = ChildProcess.Interruption(signal) { _ in FileManager.default.fileExists(atPath: mark) }
        var result: ChildProcess.Result
        var attempts = 0
        repeat {
            try? FileManager.default.removeItem(atPath: folder / run)
            result = try LloydProgram.run(
                ["train", config, "--run", folder / run], ranks: ranks > 1 ? ranks : nil, interruption: interruption)
            attempts += 1
        } while result.status == 0 && attempts < 20
        return result
    }

    static let longConfig = LloydProgram.smallConfig
        .replacing("count: 200", with: "count: 1500").replacing("layers: 5", with: "layers: 9")
        .replacing("iterations: 4", with: "iterations: 40").replacing("codewords: 16", with: "codewords: 64")

    @Test(arguments: [(1, SIGUSR1, 2), (3, SIGUSR1, 1), (1, SIGTERM, 3)])
    func aRunThatASignalStoppedGoesOnOnAnotherNumberOfRanks(ranks: Int, signal: Int32, other: Int) throws {
        let folder = try ScratchFolder()
        let config = try folder.write(Self.longConfig, to: "long.yaml")
        let whole = try LloydProgram.run(["train", config, "--run", folder / "whole", "--threads", "2"])
        #expect(whole.status == 0, "\(whole)")
        let stopped = try interrupt(folder, config: config, ranks: ranks, signal: signal, after: 2)
        #expect(stopped.status == 75, "\(stopped)")
        #expect(stopped.standardOutput.contains("--resume"), "it says how to go on")
        let before = try LloydProgram.results(folder, "run")
        let finished = before.keys.filter { $0.hasPrefix("codebooks/") }.count
        #expect(finished >= 2 && before["record.json"] == nil, "the run was stopped in its middle")
        let resumed = try LloydProgram.run(["train", config, "--run", folder / "run", "--resume"], ranks: other)
        #expect(resumed.status == 0, "\(resumed)")
        #expect(resumed.standardOutput.contains("Resuming after \(finished) finished layers"))
        LloydProgram.expectSame(
            try LloydProgram.results(folder, "run"), try LloydProgram.results(folder, "whole"),
            "stopped on \(ranks) ranks after \(finished) layers, resumed on \(other)")
    }

    @Test func resumingAFinishedRunChangesNothing() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", folder / "run"]).status == 0)
        let wanted = try LloydProgram.results(folder, "run")
        let again = try LloydProgram.run(["train", config, "--run", folder / "run", "--resume"], ranks: 2)
        #expect(again.status == 0, "\(again)")
        LloydProgram.expectSame(try LloydProgram.results(folder, "run"), wanted, "resumed when finished")
    }

    @Test func aDamagedCodebookIsTrainedAgainWithAWarning() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", folder / "run"]).status == 0)
        let wanted = try LloydProgram.results(folder, "run")
        var bytes = try folder.bytes(of: "run/codebooks/layer-0003.safetensors")
        bytes[bytes.count - 5] ^= 16
        try folder.write(bytes, to: "run/codebooks/layer-0003.safetensors")
        let again = try LloydProgram.run(["train", config, "--run", folder / "run", "--resume"], ranks: 2)
        #expect(again.status == 0, "\(again)")
        #expect(again.standardError.contains("Warning: layer 3 is trained again"))
        LloydProgram.expectSame(try LloydProgram.results(folder, "run"), wanted, "resumed with a damaged layer")
    }

    /// Nothing that is finished may be lost by an attempt to resume that fails.
    @Test func aResumptionThatFailsKeepsTheCodebooks() throws {
        let folder = try ScratchFolder()
        try BadInputTests.writeImages(to: folder, "images", count: 40)
        let config = try folder.write(BadInputTests.imageConfig(folder), to: "images.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", folder / "run"]).status == 0)
        let codebooks = try folder.files(below: "run/codebooks")
        #expect(codebooks.count == 2)
        try FileManager.default.moveItem(atPath: folder / "images", toPath: folder / "elsewhere")
        let result = try LloydProgram.run(["train", config, "--run", folder / "run", "--resume"])
        #expect(result.status == 1 || result.status == 2, "\(result)")
        #expect(try folder.files(below: "run/codebooks") == codebooks)
    }
}
