import Foundation
import MethodKit
import NVTC
import TestSupport
import Testing

@testable import Commands

/// The keys of NVTC: what they become, and what is refused with which words.
@Suite struct NVTCConfigTests {
    private func settings(_ text: String) throws -> NVTCSettings {
        try Config(text: "method: nvtc\n" + text, file: "my.yaml", settings: []).makeNVTCSettings()
    }

    @Test func theDefaultsAreThePapers() throws {
        let found = try settings("")
        #expect(found.architecture == .paper && found.crop == 256)
        #expect(found.initialization == NVTCSettings().initialization && found.training == NVTCSettings().training)
    }

    @Test func theConfigOfThePaperIsThePapers() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Configs/nvtc-paper.yaml").path
        let found = try Config(file: path, settings: []).makeNVTCSettings()
        #expect(found.architecture == .paper && found.training == NVTCSettings().training)
        #expect(found.lambdas.sorted() == [64, 128, 256, 512, 1024, 2048])
    }

    @Test func keysBecomeSettings() throws {
        let found = try settings(
            """
            nvtc: {lambdas: [9, 5]}
            model: {factors: [2, 4], layers: [1, 3], widths: [8, 16], units: [2, 1], blocks: [4, 2], codewords: [7, 9],
              dimensions: [2, 5], prior-parameters: [3, 1], prior-levels: [2, 6], scaling-blocks: 0, prior-width: 12,
              prior-blocks: 2, transform: convolution}
            data: {crop: 32}
            initialization: {kind: random, interval: 7, least-share: 0.5, deviation: 0.25}
            training: {steps: 11, warm-steps: 3, learning-rate: 0.5, milestones: [0.5, 0.75], decay: 0.25, batch: 6,
              micro-batch: 3, clipping: 2, quantizer-weight: 0.5, rate-constrained: false, log-interval: 4,
              validation-interval: 6}
            """)
        let stage = found.architecture.stages[1]
        #expect(found.lambdas == [9, 5] && found.crop == 32 && found.architecture.transform == .convolution)
        #expect(stage.factor == 4 && stage.layers == 3 && stage.width == 16 && stage.units == 1 && stage.block == 2)
        #expect(stage.codewords == 9 && stage.dimension == 5 && stage.priorParameters == 1 && stage.priorLevels == 6)
        #expect(found.architecture.scalingBlocks == 0 && found.architecture.priorWidth == 12)
        #expect(found.initialization.kind == .random && found.initialization.deviation == 0.25)
        #expect(found.training.milestones == [0.5, 0.75] && found.training.clipping == 2)
        #expect(found.training.batch == 6 && found.training.microBatch == 3 && !found.training.rateConstrained)
        #expect(found.training.validationInterval == 6 && found.training.quantizerWeight == 0.5)
    }

    @Test(arguments: [
        ("nvtc: {lambdas: []}", ["my.yaml:2", "`nvtc.lambdas`", "empty", "such as"]),
        ("nvtc: {lambdas: [64, 64]}", ["`nvtc.lambdas`", "twice"]),
        ("nvtc: {lambdas: [.nan]}", ["`nvtc.lambdas`", "above 0"]),
        ("training: {batch: 8, micro-batch: 3}", ["`training.micro-batch`", "3 does not divide", "use 2"]),
        ("data: {crop: 100}", ["`data.crop`", "multiple of 64", "use 64"]),
        ("model: {layers: [1, 2]}", ["`model.layers`", "2 entries", "model.factors has 3"]),
        ("model: {factors: []}", ["`model.factors`", "0 stages"]),
        ("initialization: {starts: [0]}", ["`initialization.starts`", "1 entries for 3 stages"]),
        ("model: {codewords: [0, 1, 1]}", ["`model.codewords`", "`0`"]),
        ("training: {learning-rate: 0}", ["`training.learning-rate`", "above 0"]),
        ("training: {learning-rate: .inf}", ["`training.learning-rate`"]),
        ("model: {transform: wavelet}", ["`model.transform`", "wavelet", "convolution"]),
        ("model: {width: 4}", ["model.width"]),
    ])
    func badValuesAreNamed(text: String, words: [String]) {
        do {
            _ = try settings(text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect((error as? ConfigError)?.exitCode == 2, "\(error)")
            for word in words { #expect("\(error)".contains(word), "\(error) lacks \(word)") }
        }
    }

    @Test func imagesSmallerThanACropAreNamedOrLeftOut() throws {
        let folder = try ScratchFolder()
        try BadInputTests.writeImages(to: folder, "images", count: 3)
        func config(_ skips: Bool) throws -> Config {
            try Config(
                text: "method: nvtc\ndata: {source: images, path: \(folder / "images"), skip-smaller: \(skips)}",
                file: "my.yaml", settings: [])
        }
        for (skips, word) in [(false, "data.skip-smaller"), (true, "holds only images smaller")] {
            do {
                _ = try config(skips).makeTrainingImages()
                Issue.record("accepted")
            } catch {
                #expect("\(error)".contains(word) && "\(error)".contains(folder / "images"), "\(error)")
            }
        }
    }

    @Test func moreRanksThanMicroBatchesAreRefused() throws {
        let config = try Config(
            text: "method: nvtc\ntraining: {batch: 4, micro-batch: 2}", file: "my.yaml", settings: [])
        try config.requireWork(forRanks: 2)
        let error = #expect(throws: ConfigError.self) { try config.requireWork(forRanks: 3) }
        #expect("\(error!)".contains("`training.micro-batch`") && "\(error!)".contains("at most 2 ranks"))
    }

    @Test func aModelGoesOutAndComesBack() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallNVTC, to: "small.yaml")
        let architecture = try Config(file: config, settings: []).makeNVTCSettings().architecture
        try NVTCModelFile.write(
            NVTCModel(architecture, seed: 3), lambda: 64, steps: 5, isRateConstrained: true,
            to: folder / "nvtc-64.safetensors")
        let out = try LloydProgram.run(["export", folder / "nvtc-64.safetensors", "--out", folder / "out"])
        #expect(out.status == 0, "\(out)")
        let back = try LloydProgram.run([
            "import", folder / "out/nvtc-64-reference.safetensors", "--config", config, "--lambda", "64", "--out",
            folder / "back.safetensors",
        ])
        #expect(back.status == 0, "\(back)")
        let (one, other) = (
            try NVTCModelFile(folder / "nvtc-64.safetensors").model(),
            try NVTCModelFile(folder / "back.safetensors").model()
        )
        #expect(one.parameters.learned > 1000)
        for index in 0..<one.parameters.count {
            guard one.parameters.values[index] == other.parameters.values[index] else {
                Issue.record("parameters differ")
                return
            }
        }
        let wrong = try LloydProgram.run([
            "import", folder / "out/nvtc-64-reference.safetensors", "--config", config, "--set",
            "model.widths=[8, 14, 8]", "--lambda", "64", "--out", folder / "wrong.safetensors",
        ])
        #expect(wrong.status == 1 && wrong.standardError.contains("expected ["), "\(wrong)")
    }
}
