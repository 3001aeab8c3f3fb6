import Foundation
import MethodKit
import Reporting
import TestSupport
import Testing
import ToySources

@testable import Commands

/// The keys of toy sources: what they become, and what is refused with which words.
@Suite struct ToyConfigTests {
    private func settings(_ text: String, _ settings: [String] = []) throws -> ToySettings {
        try Config(text: "method: toy\n" + text, file: "my.yaml", settings: settings).makeToySettings()
    }

    private func message(_ text: String) -> String {
        do {
            _ = try settings(text)
            return "accepted"
        } catch {
            #expect((error as? ConfigError)?.exitCode == 2, "\(error)")
            return "\(error)"
        }
    }

    @Test func keysBecomeSettings() throws {
        let found = try settings(
            """
            title: "t"
            seed: 7
            toy: {source: normaliid, dimension: 4, methods: [ntc, vq], test-samples: 500, picture-lambda: null}
            vq: {codewords: [2, 8], samples: 100, iterations: 9}
            ecvq: {lambdas: [0.5, 3], codewords: 99, samples: 1000, passes: 5}
            transform:
              {width: 24, blocks: 1, batch: 60, micro-batch: 20, steps: 70, warm-steps: 30, first-lambda: 3,
              learning-rate: 0.01, density-rate: 7, clipping: 2, residual-gain: 0, rounding-share: 0.5,
              rounding-rate: 0.25, codebook-steps: 11, codebook-rate: 0.125}
            ntc: {lambdas: [2, 4.5]}
            ntvq: {codewords: [16]}
            ntecvq: {lambdas: [9]}
            """)
        #expect(found.title == "t" && found.seed == 7)
        #expect(found.source == "normaliid" && found.dimension == 4)
        #expect(found.methods == [.ntc, .vq] && found.testSamples == 500 && found.pictureLambda == nil)
        #expect(found.vq.codewords == [2, 8] && found.vq.samples == 100 && found.vq.iterations == 9)
        #expect(found.ecvq.lambdas == [0.5, 3] && found.ecvq.codewords == 99)
        #expect(found.ecvq.samples == 1000 && found.ecvq.passes == 5)
        #expect(found.transform.width == 24 && found.transform.blocks == 1)
        #expect(found.transform.batch == 60 && found.transform.microBatch == 20)
        #expect(found.transform.steps == 70 && found.transform.warmSteps == 30 && found.transform.learningRate == 0.01)
        #expect(found.transform.firstLambda == 3 && found.transform.densityRateFactor == 7)
        #expect(found.transform.clipping == 2 && found.transform.residualGain == 0)
        #expect(found.transform.roundingShare == 0.5 && found.transform.roundingRate == 0.25)
        #expect(found.transform.codebookSteps == 11 && found.transform.codebookRate == 0.125)
        #expect(found.ntcLambdas == [2, 4.5] && found.ntvqCodewords == [16])
        #expect(found.ntecvqLambdas == [9])
    }

    /// Without any key the settings are those of `ToySettings`.
    @Test func theDefaultsAreTheStudysOwn() throws {
        let found = try settings("")
        var wanted = ToySettings(source: "boomerang", dimension: 2)
        wanted.title = "Lloyd run"
        #expect("\(found)" == "\(wanted)")
    }

    @Test(arguments: [
        ("ecvq: {lambdas: [1, 0]}", ["my.yaml:2", "`ecvq.lambdas`", "`0` in the list", "above 0"]),
        ("ecvq:\n  lambdas: [1, -4]", ["my.yaml:3", "`ecvq.lambdas`", "`-4` in the list", "above 0"]),
        ("toy: {methods: [ntc]}\nntc: {lambdas: [.nan]}", ["`ntc.lambdas`", "above 0"]),
        ("ecvq: {lambdas: [1, x]}", ["`ecvq.lambdas`", "`x` in the list"]),
        ("ecvq: {lambdas: 4}", ["`ecvq.lambdas`", "`4`", "a list of numbers"]),
        ("ecvq: {lambdas: []}", ["my.yaml:2", "`ecvq.lambdas`", "empty", "such as"]),
        ("ecvq: {lambdas: [2, 2]}", ["`ecvq.lambdas`", "2.0 is in the list twice"]),
        ("vq: {codewords: []}", ["`vq.codewords`", "empty"]),
        ("toy: {methods: []}", ["`toy.methods`", "empty"]),
        ("toy: {methods: [vq, pvq]}", ["`toy.methods`", "`pvq` in the list", "ntecvq"]),
        ("toy: {methods: vq}", ["`toy.methods`", "`vq`", "a list of"]),
        ("toy: {methods: [vq, vq]}", ["`toy.methods`", "vq is in the list twice"]),
        ("toy: {methods: [ntvq]}\nntvq: {codewords: []}", ["my.yaml:3", "`ntvq.codewords`", "empty"]),
        ("toy: {methods: [ntecvq]}\nntecvq: {lambdas: []}", ["my.yaml:3", "`ntecvq.lambdas`", "empty"]),
        (
            "transform: {batch: 1000, micro-batch: 300}",
            ["my.yaml:2", "`transform.micro-batch`", "does not divide", "use 250", "1200"]
        ),
        ("vq: {codewords: [4, 500], samples: 300}", ["`vq.codewords`", "500", "300", "vq.samples"]),
        ("ecvq: {codewords: 5000, samples: 4096}", ["`ecvq.codewords`", "5000", "4096", "ecvq.samples"]),
        ("toy: {source: apple}", ["my.yaml:2", "`toy.source`", "`apple`", "boomerang", "normaliid"]),
        ("toy: {source: banana, dimension: 3}", ["my.yaml:2", "`toy.dimension`", "banana", "dimension 2"]),
        ("toy: {source: normaliid, dimension: 0}", ["`toy.dimension`", "`0`"]),
        ("transform:\n  width: 0", ["my.yaml:3", "`transform.width`", "`0`", "from 1 to 16384"]),
        ("transform: {width: .nan}", ["my.yaml:2", "`transform.width`", "`.nan`", "an integer"]),
        ("transform:\n  learning-rate: .nan", ["my.yaml:3", "`transform.learning-rate`", "`.nan`", "above 0"]),
        ("transform: {micro-batch: 0}", ["my.yaml:2", "`transform.micro-batch`", "`0`", "from 1"]),
        ("seed: .inf", ["my.yaml:2", "`seed`", "`.inf`"]),
        ("toy:\n  methods: [ntc]\nntc:\n  lambdas: []", ["my.yaml:5", "`ntc.lambdas`", "empty", "such as"]),
        ("toy: {picture-lambda: 0}", ["`toy.picture-lambda`", "above 0", "null"]),
        ("transform: {learning-rate: -1}", ["`transform.learning-rate`", "above 0"]),
        ("data: {dimension: 3}", ["`data.dimension`", "no effect"]),
    ])
    func badValuesAreNamedWithTheRemedy(text: String, words: [String]) {
        let message = message(text)
        for word in words { #expect(message.contains(word), "\(text): \(message)") }
    }

    /// Every rank must have a shard and, if transforms are trained, a micro-batch: known before hours of training.
    @Test func ranksWithoutWorkAreRefusedAtOnce() throws {
        func refusal(_ ranks: Int, _ text: String) throws -> String {
            let config = try Config(text: "method: toy\nshards: 6\n" + text, file: "my.yaml")
            do {
                try config.requireWork(forRanks: ranks)
                return ""
            } catch {
                #expect((error as? ConfigError)?.exitCode == 2, "\(error)")
                return "\(error)"
            }
        }
        func expect(_ message: String, _ words: [String]) {
            for word in words { #expect(message.contains(word), "\(word): \(message)") }
        }
        let batches = "transform:\n  batch: 40\n  micro-batch: 10\ntoy: {methods: [ecvq, "
        #expect(try refusal(6, "toy: {methods: [vq, ecvq]}") == "")
        expect(
            try refusal(7, "toy: {methods: [vq]}"), ["my.yaml:2", "`shards`", "7 ranks", "6 shards", "at most 6 ranks"])
        for method in ["ntc", "ntvq", "ntecvq"] {
            #expect(try refusal(4, batches + method + "]}") == "")
            expect(
                try refusal(5, batches + method + "]}"),
                [
                    "my.yaml:5", "`transform.micro-batch`", "5 ranks", "4 micro-batches", "at most 4 ranks",
                    "set it to 8", "transform.batch to 50",
                ])
        }
        expect(
            try refusal(5, "transform: {batch: 3, micro-batch: 3}"),
            ["1 micro-batch of", "at most 1 rank,", "raise transform.batch to 15"])
        #expect(!(try refusal(5, "transform: {batch: 3, micro-batch: 3}")).contains("set it to"))
    }

    /// Lists of methods that are left out may be anything.
    @Test func onlyTheMethodsInUseAreChecked() throws {
        let found = try settings("toy: {methods: [ecvq]}\nvq: {codewords: []}\nntc: {lambdas: []}")
        #expect(found.methods == [.ecvq])
    }

    @Test func everyConfigThatComesWithLloydCanBeRun() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Configs")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("toy-") && $0.hasSuffix(".yaml") }
        #expect(files.count == 12)
        for file in files {
            let config = try Config(file: folder.appendingPathComponent(file).path)
            let settings = try config.makeToySettings()
            let published = try #require(try config.readPublishedCurves(), "\(file)")
            // A lambda for every part of each published curve: nothing at either end is left uncovered.
            for method in settings.methods {
                #expect(published.curves.contains { $0.method == method.rawValue }, "\(file): \(method)")
            }
        }
    }

    @Test func publishedCurvesAreFoundBesideTheConfigFirst() throws {
        let folder = try ScratchFolder()
        func curves(_ psnr: Int) -> String {
            "[{\"source\": \"boomerang\", \"dimension\": 2, \"method\": \"ecvq\", \"bpd\": [1], \"psnr\": [\(psnr)]},"
                + "{\"source\": \"banana\", \"dimension\": 2, \"method\": \"ecvq\", \"bpd\": [1], \"psnr\": [9]}]"
        }
        try folder.write(curves(1), to: "configs/curves.json")
        try folder.write(curves(2), to: "curves.json")
        func read(_ path: String) throws -> PublishedToyCurves? {
            try Config(
                text: "method: toy\nreport: {anchors: \"\(path)\"}", file: folder / "configs/my.yaml"
            ).readPublishedCurves()
        }
        // Of the config's source only.
        #expect(try #require(try read("curves.json")).curves.map(\.psnr) == [[1]])
        #expect(try #require(try read(folder / "curves.json")).curves.map(\.psnr) == [[2]])
        do {
            _ = try read("absent.json")
            Issue.record("no error")
        } catch {
            let message = "\(error)"
            #expect(message.contains("my.yaml:2") && message.contains("`report.anchors`"), "\(message)")
            #expect(message.contains(folder / "configs/absent.json") && message.contains("no absent.json"))
        }
        #expect(try Config(text: "method: toy", file: "my.yaml").readPublishedCurves() == nil)
    }
}
