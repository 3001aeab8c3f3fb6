import Foundation
import TestSupport
import Testing

/// Vectors and residuals beyond a stated budget lie in a scratch file, and the result keeps its bytes.
@Suite(.serialized, .timeLimit(.minutes(10))) struct BudgetTests {
    private func sameButConfig(
        _ folder: ScratchFolder, _ run: String, _ wanted: [String: Data], _ context: String
    ) throws {
        var found = try LloydProgram.results(folder, run)
        // It holds the budget.
        found["config.yaml"] = wanted["config.yaml"]
        LloydProgram.expectSame(found, wanted, context)
    }

    /// Every kind of set there is: training, test, held-out, views, pictures, K-means' copies.
    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"))
    func theSameBytesWithAnyBudget() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", folder / "whole"]).status == 0)
        let wanted = try LloydProgram.results(folder, "whole")
        let scratch = folder / "scratch"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        for (ranks, threads, budget) in [
            (1, 1, 0.001), (1, 2, 0.1), (2, 1, 0.1), (2, 2, 0.001), (3, 1, 0.3), (3, 2, 0.05), (1, 1, 100),
        ] {
            let run = "run-\(ranks)-\(threads)-\(budget)"
            let result = try LloydProgram.run(
                [
                    "train", config, "--run", folder / run, "--threads", "\(threads)", "--set",
                    "data.memory=\(budget)", "--set", "data.scratch=\(scratch)",
                ], ranks: ranks)
            #expect(result.status == 0, "\(result)")
            try sameButConfig(folder, run, wanted, "\(ranks) ranks of \(threads) threads, \(budget) MB")
            #expect(try folder.files(below: "scratch").isEmpty)
        }
    }

    @Test func aRunGoesOnWithAnotherBudget() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", folder / "run"]).status == 0)
        let wanted = try LloydProgram.results(folder, "run")
        try FileManager.default.removeItem(atPath: folder / "run/codebooks/layer-0004.safetensors")
        let resumed = try LloydProgram.run(
            ["train", config, "--run", folder / "run", "--resume", "--set", "data.memory=0.1"])
        #expect(resumed.status == 0, "\(resumed)")
        #expect(resumed.standardOutput.contains("Resuming after 3 finished layers"))
        try sameButConfig(folder, "run", wanted, "resumed with a budget")
    }

    @Test func aScratchFolderThatIsNotThereNamesFolderKeyAndRemedy() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        let result = try LloydProgram.run(
            [
                "train", config, "--run", folder / "run", "--set", "data.memory=0.1", "--set",
                "data.scratch=\(folder / "none")",
            ])
        #expect(result.status == 1, "\(result)")
        for words in [folder / "none", "data.scratch", "Remedy: make the folder"] {
            #expect(result.standardError.contains(words), "\(result)")
        }
    }

    @Test func aDiskWithoutRoomIsAnErrorAtTheStart() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(
            """
            method: rrq
            data: {source: gaussian, count: 4000000, dimension: 1048576, test-fraction: 0, memory: 50}
            rrq: {layers: 1, codewords: 16}
            preprocessing: {principal-components: false}
            """, to: "huge.yaml")
        let result = try LloydProgram.run(["train", config, "--run", folder / "run"])
        #expect(result.status == 1, "\(result)")
        #expect(result.standardError.contains("free of the"), "\(result)")
        #expect(result.standardError.contains("data.scratch"), "\(result)")
    }

    /// 160 MB of vectors, as many of residuals, in a process that may have 80 MB.
    @Test func vectorsLargerThanTheMemoryThatAProcessMayHave() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(
            """
            method: rrq
            data: {source: gaussian, count: 80000, dimension: 500, test-fraction: 0.1}
            rrq: {layers: 2, codewords: 16, iterations: 2}
            preprocessing: {principal-components: false}
            """, to: "large.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", folder / "whole"]).status == 0)
        func limited(_ run: String, _ options: String) throws -> ChildProcess.Result {
            try ChildProcess.run(
                "/bin/sh",
                arguments: [
                    "-c",
                    "ulimit -d 81920; '\(try LloydProgram.path.get())' train '\(config)' --run '\(folder / run)' \(options)",
                ], environment: MPIRun.childEnvironment())
        }
        #expect(try limited("refused", "").status != 0, "the limit has no effect")
        let result = try limited("limited", "--set data.memory=16")
        #expect(result.status == 0, "\(result)")
        // The program itself takes some 70 MB in a debug build; the vectors 16.
        let words = result.standardOutput.split(separator: " ")
        let index = try #require(words.firstIndex(of: "most"))
        let peak = Int(words[index + 1])
        #expect(try #require(peak) < 140, "\(result)")
        try sameButConfig(folder, "limited", try LloydProgram.results(folder, "whole"), "80 MB for 320 MB of vectors")
    }

    @Test func planKnowsOfTheScratchFile() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        func plan(_ settings: [String]) throws -> [String: Any] {
            let json = folder / "plan.json"
            let result = try LloydProgram.run(
                ["plan", config, "--json", json, "--sample", "20"] + settings.flatMap { ["--set", $0] })
            #expect(result.status == 0, "\(result)")
            let data = try Data(contentsOf: URL(fileURLWithPath: json))
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
        func scratch(_ report: [String: Any]) -> Double? {
            (report["plan"] as? [String: Any])?["scratchBytes"] as? Double
        }
        let settings = ["data.count=4000"]
        let (free, limited) = (try plan(settings), try plan(settings + ["data.memory=2"]))
        #expect(scratch(free) == 0)
        // Some fourteen sets of a KB a vector, less the budget.
        let bytes = try #require(scratch(limited))
        #expect(bytes > 10e6 && bytes < 20e6, "\(bytes)")
        let (most, least) = (try #require(free["peakBytes"] as? Double), try #require(limited["peakBytes"] as? Double))
        #expect(most - least > 8e6)
    }
}
