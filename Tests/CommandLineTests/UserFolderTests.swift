import Foundation
import TestSupport
import Testing

/// A folder of a user's, with everything that a run folder has: whatever is typed wrongly, not a byte of it changes.
@Suite(.timeLimit(.minutes(10))) struct UserFolderTests {
    private static let config = """
        method: rrq
        shards: 2
        data: {source: dead-leaves, count: 40, width: 8, height: 8}
        rrq: {layers: 2, codewords: 4, iterations: 2}
        """

    /// 200 files, a link and an empty folder.
    private static func makeProject() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(config, to: "small.yaml")
        let names =
            [
                "config.yaml", "metrics.csv", "metrics.jsonl", "record.json", "accounting.json", "anchors.json",
                "transform.safetensors", "table.partial-1.csv", "half.partial-Xy12ab", ".lloyd-partial-abcdefghijkl",
                "models/mine.pt", "checkpoints/epoch3.pt", "checkpoints/checkpoint-000001.safetensors",
                "points/nvtc-64.json", "report/index.html", "report/thesis.txt", "pictures/holiday.txt",
                "codebooks/layer-0001.safetensors", "partitions/ecvq-16.safetensors", ".git/config",
            ] + (0..<60).map { "pictures/\($0).png" } + (0..<60).map { "models/weights-\($0).safetensors" }
            + (0..<59).map { "runs/old-\($0)/metrics.csv.partial-Xy12a\($0 % 10)" }
        for name in names { try folder.write("precious \(name)\n", to: "project/" + name) }
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder / "project/empty", withIntermediateDirectories: true)
        try manager.createSymbolicLink(atPath: folder / "project/link", withDestinationPath: "models")
        try folder.write("method: rrq\ntitle: \"a\n", to: "broken.yaml")
        try folder.write(config + "data.path: gone\n", to: "unknown.yaml")
        return folder
    }

    /// What people type: in the folder itself or beside it.
    private static let wrong: [(folder: String, words: [String])] = [
        (".", ["small.yaml", "--run", "project"]), (".", ["small.yaml", "--run", "project/"]),
        (".", ["small.yaml", "--run", "project", "--overwrite"]),
        (".", ["small.yaml", "--run", "project", "--resume"]),
        (".", ["small.yaml", "--run", "./project/../project", "--overwrite"]),
        (".", ["small.yaml", "--run", "project/models/..", "--overwrite"]),
        (".", ["small.yaml", "--run", "project/link", "--overwrite"]),
        (".", ["small.yaml", "--run", "project/models"]),
        (".", ["small.yaml", "--run", "project/models", "--overwrite"]),
        (".", ["small.yaml", "--run", "project/checkpoints", "--resume"]),
        (".", ["small.yaml", "--run", "project/runs", "--overwrite"]),
        (".", ["small.yaml", "--run", "project/runs/old-1", "--overwrite"]),
        (".", ["small.yaml", "--run", "project/config.yaml"]), (".", ["small.yaml", "--run", "project/config.yaml/x"]),
        (
            ".",
            ["small.yaml", "--run", "project", "--overwrite", "--set", "data.source=images", "--set", "data.path=typo"]
        ),
        (".", ["small.yaml", "--run", "project", "--overwrite", "--set", "data.pth=typo"]),
        (".", ["small.yaml", "--run", "project", "--set", "rrq.layers=0"]),
        (".", ["small.yaml", "--run", "project", "--resume", "--overwrite"]),
        (".", ["broken.yaml", "--run", "project", "--overwrite"]),
        (".", ["unknown.yaml", "--run", "project", "--overwrite"]),
        (".", ["missing.yaml", "--run", "project", "--overwrite"]), (".", ["small.yaml", "--run", ".", "--overwrite"]),
        ("project", ["../small.yaml", "--run", "."]), ("project", ["../small.yaml", "--run", ".", "--overwrite"]),
        ("project", ["../small.yaml", "--run", ""]), ("project", ["../small.yaml", "--run", "", "--overwrite"]),
        ("project", ["../small.yaml", "--run", "", "--resume"]), ("project", ["../small.yaml", "--run", " "]),
        ("project", ["../small.yaml", "--run", "./"]), ("project", ["../small.yaml", "--run", "..", "--overwrite"]),
        ("project", ["../small.yaml", "--run", "/", "--overwrite"]), ("project", ["../small.yaml", "--run", "/"]),
        ("project", ["../small.yaml", "--run", "~", "--overwrite"]),
        ("project", ["../small.yaml", "--run", "../project", "--resume"]),
        ("project", ["../small.yaml", "--run", "models", "--overwrite"]), ("project", ["config.yaml", "--run", "."]),
        ("project", ["config.yaml", "--run", ".", "--resume"]), ("project/runs", ["../../small.yaml", "--run", ".."]),
    ]

    @Test func notAByteChangesWhateverIsTyped() throws {
        let folder = try Self.makeProject()
        let wanted = try folder.contents(below: ".")
        let project = wanted.keys.filter { $0.hasPrefix("project/") && $0 != "project/link" }
        #expect(project.count >= 199 && Self.wrong.count >= 30)
        for (subfolder, words) in Self.wrong {
            let result = try LloydProgram.run(["train"] + words, folder: folder / subfolder)
            #expect([1, 2].contains(result.status), "\(subfolder): lloyd train \(words): \(result)")
            let found = try folder.contents(below: ".")
            #expect(
                found == wanted,
                "\(subfolder): lloyd train \(words): \(Set(found.keys).symmetricDifference(wanted.keys))")
        }
    }

    @Test(.enabled(if: MPIRun.isAvailable, "mpirun is not installed")) func norUnderMpirun() throws {
        let folder = try Self.makeProject()
        let wanted = try folder.contents(below: ".")
        for words in [["--run", "project", "--overwrite"], ["--run", ""], ["--run", "project", "--resume"]] {
            let result = try LloydProgram.run(["train", "small.yaml"] + words, ranks: 2, folder: folder.path)
            #expect(result.status == 2, "\(result)")
            #expect(try folder.contents(below: ".") == wanted, "\(words)")
        }
    }

    /// A finished run is only replaced by one that gets somewhere, and a resumption without its data changes nothing.
    @Test func aFinishedRunSurvivesToo() throws {
        let folder = try ScratchFolder()
        try BadInputTests.writeImages(to: folder, "images", count: 40)
        let config = try folder.write(BadInputTests.imageConfig(folder), to: "images.yaml")
        let run = ["train", config, "--run", folder / "run"]
        #expect(try LloydProgram.run(run).status == 0)
        try folder.write("mine", to: "run/models/mine.pt")
        let wanted = try folder.contents(below: "run")
        try FileManager.default.moveItem(atPath: folder / "images", toPath: folder / "elsewhere")
        for words in [
            ["--resume"], ["--overwrite"], [], ["--overwrite", "--set", "data.path=\(folder / "typo")"],
            // Data that can be opened but not used: the earlier run is moved back.
            ["--overwrite", "--set", "data.path=\(folder / "elsewhere")", "--set", "rrq.codewords=4096"],
            ["--overwrite", "--set", "data.source=vectors"], ["--resume", "--set", "rrq.iterations=77"],
        ] {
            let result = try LloydProgram.run(run + words)
            #expect([1, 2].contains(result.status), "\(words): \(result)")
            #expect(try folder.contents(below: "run") == wanted, "\(words): \(result)")
        }
        let again = try LloydProgram.run(run + ["--overwrite", "--set", "data.path=\(folder / "elsewhere")"])
        #expect(again.status == 0, "\(again)")
        #expect(try folder.text(of: "run/models/mine.pt") == "mine")
        #expect(try folder.files(below: "run").allSatisfy { !$0.hasPrefix(".replaced") && !$0.hasPrefix(".discarded") })
    }
}
