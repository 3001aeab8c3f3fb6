import Foundation
import TestSupport
import Testing

@Suite struct PlanTests {
    private func lloyd(_ arguments: [String]) throws -> ChildProcess.Result {
        try ChildProcess.run(
            ProductsFolder.executable("lloyd"), arguments: arguments, environment: MPIRun.childEnvironment())
    }

    private func config(_ text: String, in folder: String) throws -> String {
        try text.write(toFile: folder + "/config.yaml", atomically: true, encoding: .utf8)
        return folder + "/config.yaml"
    }

    private func plan(_ arguments: [String], in folder: String) throws -> [String: Any] {
        let result = try lloyd(["plan"] + arguments + ["--json", folder + "/plan.json"])
        try #require(result.status == 0, "\(result)")
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/plan.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// The number before `words` in a run's last line.
    private func number(before words: String, in output: String) throws -> Double {
        let start = try #require(output.range(of: words)).lowerBound
        return try #require(Double(output[..<start].split(separator: " ").last ?? ""))
    }

    private let study = """
        method: codebook-study
        shards: 8
        data: {dimension: 2000, decay: 0.01}
        study: {trials: 2, train-count: 1500, test-count: 1000, codewords: 64, lambdas: [1, 10], iterations: 1}
        """

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), arguments: [2, 3])
    func foretellsWhatAStudyExchangesAndHolds(ranks: Int) throws {
        try ScratchFolder.withPath { folder in
            let file = try config(study, in: folder)
            let plan = try plan([file, "--ranks", "\(ranks)"], in: folder)
            let run = try MPIRun.run(
                executable: ProductsFolder.executable("lloyd"), ranks: ranks,
                arguments: ["train", file, "--run", folder + "/run"])
            try #require(run.status == 0, "\(run)")
            // With one pass a codebook nothing is left to chance.
            let exchanged = try #require(plan["exchangedBytes"] as? Double) / 1e6
            let measured = try number(before: " MB exchanged by", in: run.standardOutput)
            // The plan's is the rank that moves most, the run's the coordinator.
            let least = ranks == 2 ? 0.97 : 0.9
            #expect(measured > least * exchanged - 1 && measured < 1.03 * exchanged + 1, "\(exchanged), \(measured)")
            let peak = try #require(plan["peakBytes"] as? Double) / 1e6
            let held = try number(before: " MB in a rank", in: run.standardOutput) * 1.048576
            #expect(peak > 0.7 * held && peak < 1.35 * held, "planned \(peak) MB, measured \(held) MB")
        }
    }

    private let toy = """
        method: toy
        shards: 4
        toy: {source: boomerang, dimension: 2, methods: [ntc], test-samples: 2000}
        ntc: {lambdas: [4, 16]}
        transform: {width: 64, blocks: 2, batch: 64, micro-batch: 16, steps: 60, warm-steps: 40, starts: 1}
        """

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"), arguments: [2, 3])
    func foretellsWhatToyTransformsExchangeAndHold(ranks: Int) throws {
        try ScratchFolder.withPath { folder in
            let file = try config(toy, in: folder)
            let report = try plan([file, "--ranks", "\(ranks)"], in: folder)
            let plan = try #require(report["plan"] as? [String: Any])
            let phases = try #require(plan["phases"] as? [[String: Any]])
            #expect(phases.map { $0["steps"] as? Int } == [100, 25, 2], "\(phases)")
            // Two transforms of 64 (2 + 2) + 4 64^2 weights, six operations for each and every sample.
            let weights = 2 * (64 * 4 + 4 * 64 * 64)
            #expect(phases[0]["operations"] as? Double == Double(6 * weights * 64 * 100))
            #expect(phases.allSatisfy { ($0["seconds"] as? Double ?? 0) > 0 }, "\(phases)")
            let run = try MPIRun.run(
                executable: ProductsFolder.executable("lloyd"), ranks: ranks,
                arguments: ["train", file, "--run", folder + "/run"])
            try #require(run.status == 0, "\(run)")
            let exchanged = try #require(report["exchangedBytes"] as? Double) / 1e6
            let measured = try number(before: " MB exchanged by", in: run.standardOutput)
            let least = ranks == 2 ? 0.95 : 0.85
            #expect(measured > least * exchanged - 1 && measured < 1.03 * exchanged + 1, "\(exchanged), \(measured)")
            let peak = try #require(report["peakBytes"] as? Double) / 1e6
            let held = try number(before: " MB in a rank", in: run.standardOutput) * 1.048576
            #expect(peak > 0.6 * held && peak < 1.5 * held, "planned \(peak) MB, measured \(held) MB")
        }
    }

    @Test func saysWhichToyMethodsItKnows() throws {
        try ScratchFolder.withPath { folder in
            let file = try config(toy, in: folder)
            let codebooks = try lloyd(["plan", file, "--set", "toy.methods=[vq, ecvq]"])
            #expect(codebooks.status == 2, "\(codebooks)")
            for words in ["config.yaml:3", "`toy.methods`", "no forecast for vq and ecvq", "ntc, ntvq or ntecvq"] {
                #expect(codebooks.standardError.contains(words), "\(words): \(codebooks)")
            }
            let both = try lloyd(["plan", file, "--set", "toy.methods=[ecvq, ntc]"])
            #expect(both.status == 0 && both.standardOutput.contains("Left out: the codebooks of ECVQ"), "\(both)")
            let few = try lloyd(["plan", file, "--set", "transform.micro-batch=64"])
            #expect(few.standardOutput.contains("micro-batches is what runs out first, after 1"), "\(few)")
            let many = try lloyd(["plan", file, "--ranks", "4", "--set", "transform.micro-batch=32"])
            #expect(many.status == 2 && many.standardError.contains("`transform.micro-batch`"), "\(many)")
        }
    }

    /// Steps of every phase; a validation needs less than a step here, whose pass is larger than an image.
    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed")) func foretellsWhatAnImageCodecExchangesAndHolds()
        throws
    {
        try ScratchFolder.withPath { folder in
            let file = try config(LloydProgram.smallNVTC, in: folder)
            let report = try plan([file, "--ranks", "2"], in: folder)
            let plan = try #require(report["plan"] as? [String: Any])
            let phases = try #require(plan["phases"] as? [[String: Any]])
            // 20 steps, 12 of them initialization, and 6 more; one validation between the steps of 20, and two at ends.
            #expect(phases.map { $0["steps"] as? Int } == [3, 3, 6, 14, 4], "\(phases)")
            #expect(phases.allSatisfy { ($0["seconds"] as? Double ?? 0) > 0 }, "\(phases)")
            let operations = phases.map { ($0["operations"] as? Double ?? 0) / Double($0["steps"] as? Int ?? 1) }
            #expect(operations[0] < operations[1] && operations[1] < operations[3], "\(operations)")
            let run = try MPIRun.run(
                executable: ProductsFolder.executable("lloyd"), ranks: 2,
                arguments: ["train", file, "--run", folder + "/run"])
            try #require(run.status == 0, "\(run)")
            let exchanged = try #require(report["exchangedBytes"] as? Double) / 1e6
            let measured = try number(before: " MB exchanged by", in: run.standardOutput)
            #expect(measured > 0.9 * exchanged - 1 && measured < 1.05 * exchanged + 1, "\(exchanged), \(measured)")
            let peak = try #require(report["peakBytes"] as? Double) / 1e6
            let held = try number(before: " MB in a rank", in: run.standardOutput) * 1.048576
            #expect(peak > 0.6 * held && peak < 1.5 * held, "planned \(peak) MB, measured \(held) MB")
            let many = try lloyd(["plan", file, "--ranks", "5"])
            #expect(many.status == 2 && many.standardError.contains("`training.micro-batch`"), "\(many)")
        }
    }

    @Test func foretellsTheMemoryOfAnImageRun() throws {
        try ScratchFolder.withPath { folder in
            let file = try config(
                """
                method: rrq
                shards: 8
                data: {source: dead-leaves, count: 700, width: 64, height: 48}
                preprocessing: {band-size: 256}
                rrq: {layers: 4, codewords: 64, iterations: 2}
                super-resolution: {factor: 4, held-out: 0.1}
                """, in: folder)
            let report = try plan([file, "--sample", "40"], in: folder)
            let run = try lloyd(["train", file, "--run", folder + "/run"])
            try #require(run.status == 0, "\(run)")
            let peak = try #require(report["peakBytes"] as? Double) / 1e6
            let held = try number(before: " MB in a rank", in: run.standardOutput) * 1.048576
            #expect(peak > 0.7 * held && peak < 1.35 * held, "planned \(peak) MB, measured \(held) MB")
            let plan = try #require(report["plan"] as? [String: Any])
            #expect(plan["trainCount"] as? Int == 504)
            #expect(plan["testCount"] as? Int == 140)
            let layers = try #require(plan["layers"] as? [[String: Any]]).compactMap { $0["active"] as? Int }
            #expect(layers.count == 4)
            #expect(layers == layers.sorted() && layers[0] >= 1, "\(layers)")
        }
    }

    @Test func knowsTheActiveSetOfAGaussianSource() throws {
        try ScratchFolder.withPath { folder in
            let file = try config(
                "data: {source: gaussian, count: 5000, dimension: 1000, decay: 0.01}\nrrq: {layers: 2}", in: folder)
            let report = try plan([file], in: folder)
            let layers = try #require((report["plan"] as? [String: Any])?["layers"] as? [[String: Any]])
            // Theory: 47, times the margin of 1.4. 200 sampled vectors give variances to 10 %.
            let first = try #require(layers.first?["active"] as? Int)
            #expect((58...75).contains(first), "\(first)")
        }
    }

    @Test func saysWhichLimitIsHit() throws {
        try ScratchFolder.withPath { folder in
            let file = try config(study, in: folder)
            let many = try lloyd(["plan", file, "--ranks", "9"])
            #expect(many.status == 1)
            #expect(many.standardError.contains("9 ranks cannot share 8 shards"), "\(many)")
            let good = try lloyd(["plan", file, "--ranks", "8", "--machines", "8"])
            #expect(good.status == 0)
            #expect(good.standardOutput.contains("runs out first"), "\(good)")
            #expect(good.standardOutput.contains("shards for 8"), "\(good)")
            let large = try config("data: {source: gaussian, count: 2000000, dimension: 1000000}", in: folder)
            let unfit = try lloyd(["plan", large, "--set", "rrq.layers=2", "--sample", "4"])
            #expect(unfit.status == 1, "\(unfit)")
            #expect(unfit.standardOutput.contains("Does not fit"), "\(unfit)")
            #expect(unfit.standardOutput.contains("memory is what runs out first, after 0"), "\(unfit)")
        }
    }

    @Test func refusesWhatTrainingWouldRefuse() throws {
        try ScratchFolder.withPath { folder in
            let file = try config("data: {source: gaussian, count: 100, dimension: 8}", in: folder)
            func refused(_ arguments: [String], _ status: Int32, _ words: String) throws {
                let result = try lloyd(["plan"] + arguments)
                #expect(result.status == status, "\(arguments): \(result)")
                #expect(result.standardError.contains(words), "\(arguments): \(result)")
            }
            try refused([file], 1, "256 codewords cannot be learned from 80 training vectors")
            try refused([file, "--set", "rrq.leyers=2"], 2, "rrq.layers")
            try refused([file, "--set", "data.source=images"], 2, "data.path")
            try refused([file, "--set", "data.source=images", "--set", "data.path=/nowhere"], 1, "/nowhere")
            try refused([file, "--ranks", "0"], 2, "--ranks")
            try refused([file, "--network", "nan"], 2, "--network")
            try refused([file, "--set", "data.count=1099511627776"], 1, "data.count")
            try refused([folder + "/missing.yaml"], 2, "missing.yaml")
        }
    }
}
