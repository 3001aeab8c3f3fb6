import Foundation
import TestSupport
import Testing

/// One run at a time in a folder, on ranks that see the same.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RunOwnershipTests {
    private static let config = """
        method: rrq
        shards: 4
        data: {source: dead-leaves, count: 60, width: 8, height: 8}
        rrq: {layers: 3, codewords: 4, iterations: 2}
        """

    /// Starts the same command twice at once; gives both exit codes, and what both said.
    private func twice(_ folder: ScratchFolder, _ config: String, launcher: String) throws -> ([String], String) {
        let command = "\(launcher)'\(try LloydProgram.path.get())' train '\(config)' --run '\(folder / "run")'"
        let script = """
            (\(command) >'\(folder / "one")' 2>&1; echo $? >'\(folder / "first")') &
            (\(command) >'\(folder / "two")' 2>&1; echo $? >'\(folder / "second")') &
            wait
            """
        let result = try ChildProcess.run(
            "/bin/sh", arguments: ["-c", script], environment: MPIRun.childEnvironment(oversubscribed: true),
            timeout: 120)
        #expect(result.status == 0, "\(result)")
        let codes = try ["first", "second"].map {
            try folder.text(of: $0).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return (codes.sorted(), try folder.text(of: "one") + folder.text(of: "two"))
    }

    /// The one that comes second meets the other at work, or its finished run: either way it is refused.
    @Test func ofTwoStartsInOneFolderOneIsRefused() throws {
        let reference = try ScratchFolder()
        let config = try reference.write(Self.config, to: "small.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", reference / "run"]).status == 0)
        let wanted = try LloydProgram.results(reference, "run")
        for round in 0..<20 {
            let folder = try ScratchFolder()
            let (codes, said) = try twice(folder, config, launcher: "")
            #expect(codes == ["0", "2"], "round \(round): \(said)")
            #expect(said.contains("Remedy:"), "\(said)")
            LloydProgram.expectSame(try LloydProgram.results(folder, "run"), wanted, "round \(round)")
        }
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed")) func alsoOnSeveralRanks() throws {
        for round in 0..<3 {
            let folder = try ScratchFolder()
            let config = try folder.write(Self.config, to: "small.yaml")
            let launcher = "'\(MPIRun.launcher!)' --oversubscribe --bind-to none -n 2 "
            let (codes, said) = try twice(folder, config, launcher: launcher)
            #expect(codes == ["0", "2"], "round \(round): \(said)")
        }
    }

    // MARK: Ranks that differ

    /// Two ranks, of which the second has one setting more. A shell tells them apart: mpirun of Open MPI 5.0.7 in Debian 13
    /// crashes when it is given two programs.
    private func ranks(_ arguments: [String], second setting: String) throws -> ChildProcess.Result {
        let script = """
            setting=$1; shift
            if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then exec "$@" --set "$setting"; fi
            exec "$@"
            """
        return try MPIRun.run(
            executable: "/bin/sh", ranks: 2,
            arguments: ["-c", script, "sh", setting, LloydProgram.path.get()] + arguments)
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed"))
    func aRankWithOtherDataOrAnotherConfigIsNamed() throws {
        let folder = try ScratchFolder()
        for name in ["images", "same", "other"] { try BadInputTests.writeImages(to: folder, name, count: 40) }
        try folder.write(folder.bytes(of: "other/110.png"), to: "other/111.png")
        let config = try folder.write(BadInputTests.imageConfig(folder), to: "images.yaml")
        let run = ["train", config, "--run", folder / "run"]
        let cases = [
            ("data.path=\(folder / "other")", "`data.path`"), ("rrq.iterations=3", "`rrq.iterations`"),
            ("seed=2", "`seed`"),
        ]
        for (setting, key) in cases {
            let result = try ranks(run, second: setting)
            #expect(result.status == 2, "\(result)")
            for part in ["rank 1 on ", key, "Remedy:"] { #expect(result.standardError.contains(part), "\(result)") }
            #expect(!FileManager.default.fileExists(atPath: folder / "run/config.yaml"))
        }
        // Each machine may have the data somewhere else.
        let result = try ranks(run, second: "data.path=\(folder / "same")")
        #expect(result.status == 0, "\(result)")
    }

    // MARK: Resumptions

    @Test func dataThatMovedAreAcceptedAndOthersRefused() throws {
        let folder = try ScratchFolder()
        try BadInputTests.writeImages(to: folder, "images", count: 40)
        let config = try folder.write(BadInputTests.imageConfig(folder), to: "images.yaml")
        let run = ["train", config, "--run", folder / "run"]
        #expect(try LloydProgram.run(run).status == 0)
        let wanted = try LloydProgram.results(folder, "run")
        try FileManager.default.moveItem(atPath: folder / "images", toPath: folder / "elsewhere")
        let moved = ["--resume", "--set", "data.path=\(folder / "elsewhere")/"]
        let result = try LloydProgram.run(run + moved)
        #expect(result.status == 0, "\(result)")
        // What names the data by their path does so anew.
        let named: Set = ["config.yaml", "record.json"]
        LloydProgram.expectSame(
            try LloydProgram.results(folder, "run").filter { !named.contains($0.key) },
            wanted.filter { !named.contains($0.key) }, "resumed with moved data")
        // One picture of another's bytes, and one more.
        try folder.write(folder.bytes(of: "elsewhere/110.png"), to: "elsewhere/111.png")
        let before = try folder.contents(below: "run")
        let refused = try LloydProgram.run(run + moved)
        #expect(refused.status == 2, "\(refused)")
        for word in ["`data.path`", "40 files", "--set data.path="] {
            #expect(refused.standardError.contains(word), "\(refused)")
        }
        #expect(try folder.contents(below: "run") == before)
    }

    /// A power cut takes the rows that were not on disk; an older checkpoint fits what is left.
    @Test func metricsThatWereLostAreWrittenAgain() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(
            LloydProgram.smallNVTC.replacing("steps: 20,", with: "steps: 60,").replacing(
                "log-interval: 4", with: "log-interval: 1"
            )
            .replacing("{steps: 4}", with: "{steps: 4, kept: 1000}"), to: "small.yaml")
        let whole = try LloydProgram.run(["train", config, "--run", folder / "whole"])
        #expect(whole.status == 0, "\(whole)")
        let script = """
            '\(try LloydProgram.path.get())' train '\(config)' --run '\(folder / "run")' &
            pid=$!
            while [ ! -e '\(folder / "run/checkpoints/checkpoint-000004.safetensors")' ] && kill -0 $pid; do sleep 0.01; done
            kill -KILL $pid
            wait $pid
            true
            """
        let killed = try ChildProcess.run(
            "/bin/sh", arguments: ["-c", script], environment: MPIRun.childEnvironment(), timeout: 90)
        #expect(killed.status == 0, "\(killed)")
        #expect(try folder.files(below: "run/checkpoints").count >= 4)
        // Less and less is left, to no row at all.
        for rows in [9, 5, 0] {
            let copy = "run-\(rows)"
            try FileManager.default.copyItem(atPath: folder / "run", toPath: folder / copy)
            for (name, lines) in [("metrics.jsonl", rows), ("metrics.csv", rows + 1)] {
                let kept = try folder.text(of: "\(copy)/\(name)").split(separator: "\n").prefix(lines)
                try folder.write(kept.map { $0 + "\n" }.joined() + "{\"half", to: "\(copy)/\(name)")
            }
            let resumed = try LloydProgram.run(["train", config, "--run", folder / copy, "--resume"])
            #expect(resumed.status == 0, "\(resumed)")
            #expect(resumed.standardError.contains("rows of metrics"), "\(resumed)")
            #expect(!resumed.standardError.contains("--overwrite"))
            LloydProgram.expectSame(
                try LloydProgram.results(folder, copy), try LloydProgram.results(folder, "whole"), "\(rows) rows left")
        }
    }

    /// The run of a version that marked no folders goes on, and its folder is marked from then on.
    @Test func aRunOfAnEarlierVersionIsResumedButNeverReplaced() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(Self.config, to: "small.yaml")
        let run = ["train", config, "--run", folder / "run"]
        #expect(try LloydProgram.run(run).status == 0)
        let wanted = try LloydProgram.results(folder, "run")
        try FileManager.default.removeItem(atPath: folder / "run/.lloyd-run")
        let before = try folder.contents(below: "run")
        for words in [[], ["--overwrite"]] {
            let refused = try LloydProgram.run(run + words)
            #expect(refused.status == 2 && refused.standardError.contains("--resume"), "\(refused)")
            #expect(!refused.standardError.contains("--overwrite"))
            #expect(try folder.contents(below: "run") == before)
        }
        let resumed = try LloydProgram.run(run + ["--resume"])
        #expect(resumed.status == 0, "\(resumed)")
        let found = try LloydProgram.results(folder, "run").filter {
            $0.key != ".lloyd-run" && !$0.key.contains(".kept-")
        }
        LloydProgram.expectSame(found, wanted.filter { $0.key != ".lloyd-run" }, "resumed without a marker")
        #expect(try LloydProgram.run(run + ["--overwrite"]).status == 0)
    }
}
