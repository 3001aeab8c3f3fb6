import Datasets
import Foundation
import Numerics
import TestSupport
import Testing

/// Bad input is a clear error that names the file or key, on every rank count, and no rank is left hanging.
@Suite(.serialized, .enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .timeLimit(.minutes(10)))
struct BadInputTests {
    /// Pictures of dead leaves as PNG files.
    static func writeImages(to folder: ScratchFolder, _ name: String, count: Int, size: Int = 16) throws {
        let source = DeadLeaves(count: count, width: size, height: size, seed: 1)
        var samples = [Float](repeating: 0, count: source.dimension)
        for index in 0..<count {
            try samples.withUnsafeMutableBufferPointer { try source.read(index, into: $0) }
            try folder.write(Image(samples, shape: source.imageShape!).pngData(), to: "\(name)/\(100 + index).png")
        }
    }

    static func imageConfig(_ folder: ScratchFolder) -> String {
        """
        shards: 4
        data: {source: images, path: "\(folder / "images")"}
        rrq: {layers: 2, codewords: 8, iterations: 2}
        """
    }

    /// A wrong config or wrong data, and what the message must name.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var config = ""
        var arguments: [String] = []
        var status: Set<Int32> = [2]
        var words: [String]
        /// One rank is started without mpirun.
        var rankCounts = [1, 2]
        /// Puts files into the folder; config and arguments may say FOLDER for its path.
        var prepare: @Sendable (ScratchFolder) throws -> Void = { _ in }
    }

    private static let small = LloydProgram.smallConfig
    private static let images =
        "shards: 4\nrrq: {layers: 2, codewords: 8}\n"
        + "data: {source: images, path: FOLDER/images}\n"
    private static let vectors =
        "shards: 4\nrrq: {layers: 2, codewords: 8}\n"
        + "data: {source: vectors, path: FOLDER/v.npy}\n"

    static let cases: [Case] = [
        Case(
            testDescription: "unknown key", config: "seed: 1\nrrq:\n  layer: 3\n",
            words: ["bad.yaml:3", "rrq.layer", "rrq.layers"], rankCounts: [1, 2, 3]),
        Case(
            testDescription: "wrong type", config: "rrq: {layers: many}", words: ["bad.yaml:1", "rrq.layers", "many"]),
        Case(
            testDescription: "zero layers", config: "rrq: {layers: 0}", words: ["bad.yaml:1", "rrq.layers", "from 1"]),
        Case(testDescription: "not YAML", config: "rrq: [1", words: ["bad.yaml", "YAML"]),
        Case(
            testDescription: "missing config", arguments: ["FOLDER/absent.yaml"], words: ["absent.yaml"]),
        Case(
            testDescription: "unknown key in --set", config: small, arguments: ["--set", "rrq.layer=3"],
            words: ["--set rrq.layer=3"]),
        Case(testDescription: "no path", config: "data: {source: images}", words: ["data.path"]),
        Case(testDescription: "missing folder", config: images, status: [1, 2], words: ["FOLDER/images"]),
        Case(
            testDescription: "truncated PNG", config: images, status: [1, 2], words: ["images/130.png"],
            rankCounts: [1, 2, 3],
            prepare: { folder in
                try writeImages(to: folder, "images", count: 40)
                let bytes = try folder.bytes(of: "images/130.png")
                try folder.write(bytes.prefix(bytes.count / 2), to: "images/130.png")
            }),
        Case(
            testDescription: "text named .jpg", config: images, status: [1, 2], words: ["images/notes.jpg"],
            prepare: { folder in
                try writeImages(to: folder, "images", count: 20)
                try folder.write("these are notes, not a picture\n", to: "images/notes.jpg")
            }),
        Case(
            testDescription: "images of different sizes", config: images, status: [1, 2], words: ["odd/200.png"],
            prepare: { folder in
                try writeImages(to: folder, "images", count: 20)
                try writeImages(to: folder, "other", count: 1, size: 24)
                try folder.write(folder.bytes(of: "other/100.png"), to: "images/odd/200.png")
            }),
        Case(
            testDescription: "empty folder", config: images, status: [1, 2], words: ["FOLDER/images"],
            prepare: { try $0.write("x", to: "images/readme.txt") }),
        Case(
            testDescription: "more codewords than training vectors", config: small,
            arguments: ["--set", "rrq.codewords=200"], status: [1, 2], words: ["rrq.codewords", "200"]),
        Case(
            testDescription: "more codewords than vectors in a study", config: LloydProgram.smallStudy,
            arguments: ["--set", "study.codewords=200"], words: ["study.codewords", "200", "120"]),
        Case(
            testDescription: "a lambda of zero", config: "method: toy\necvq: {lambdas: [4, 0]}\n",
            words: ["bad.yaml:2", "ecvq.lambdas", "above 0"]),
        Case(
            testDescription: "a micro-batch that does not divide the batch",
            config: "method: toy\ntransform: {batch: 100, micro-batch: 30}\n",
            words: ["bad.yaml:2", "transform.micro-batch", "use 25"], rankCounts: [1, 2, 3]),
        Case(
            testDescription: "published curves that do not exist",
            config: "method: toy\nreport: {anchors: gone.json}\n",
            words: ["bad.yaml:2", "report.anchors", "FOLDER/gone.json"], rankCounts: [1, 2, 3]),
        Case(
            testDescription: "a toy source beside a run",
            config: "method: toy\ntoy: {source: banana, dimension: 5}\n", arguments: ["--overwrite"],
            words: ["toy.dimension", "banana", "dimension 2"],
            prepare: { folder in
                // What is there stays there: the config is refused before the folder is touched.
                try folder.write("{}\n", to: "run/metrics.jsonl")
            }),
        Case(
            testDescription: "NaN in an .npy", config: vectors, status: [1, 2], words: ["v.npy", "17"],
            prepare: { folder in
                let vectors = Matrix(rows: 60, columns: 5)
                for index in 0..<vectors.count { vectors.storage[index] = Float(index % 13) }
                vectors[17, 3] = .nan
                try NumPyFile.write(vectors, to: folder / "v.npy")
            }),
        Case(
            testDescription: "vectors that are all the same", config: vectors, status: [1, 2], words: ["the same"],
            prepare: { try NumPyFile.write(Matrix(rows: 60, columns: 5), to: $0 / "v.npy") }),
        Case(
            testDescription: "super-resolution of vectors", config: vectors + "super-resolution: {factor: 2}\n",
            status: [1, 2], words: ["super-resolution"],
            prepare: { folder in
                let vectors = Matrix(rows: 60, columns: 5, (0..<300).map { Float($0 % 17) })
                try NumPyFile.write(vectors, to: folder / "v.npy")
            }),
        Case(
            testDescription: "a run folder that holds a run", config: small, status: [1, 2],
            words: ["FOLDER/run", "--overwrite"],
            prepare: { folder in
                let config = try folder.write(small, to: "first.yaml")
                let first = try LloydProgram.run(["train", config, "--run", folder / "run"])
                #expect(first.status == 0, "\(first)")
            }),
        Case(
            testDescription: "a run folder that cannot be made", config: small,
            arguments: ["--run", "FOLDER/file/run"],
            status: [1, 2], words: ["FOLDER/file/run"], prepare: { try $0.write("a file", to: "file") }),
        Case(
            testDescription: "resuming what is not a run", config: small, arguments: ["--resume"], status: [1, 2],
            words: ["FOLDER/run", "config.yaml"]),
        Case(
            testDescription: "resuming with another config", config: small,
            arguments: ["--resume", "--set", "rrq.iterations=5"], words: ["rrq.iterations", "FOLDER/run"],
            prepare: { folder in
                let config = try folder.write(small, to: "first.yaml")
                let first = try LloydProgram.run(["train", config, "--run", folder / "run"])
                #expect(first.status == 0, "\(first)")
            }),
        Case(
            testDescription: "resuming if no checkpoint is whole", config: small, arguments: ["--resume"],
            status: [1, 2],
            words: ["checkpoint-000003.safetensors", "not a whole checkpoint"],
            prepare: { folder in
                let config = try folder.write(small, to: "first.yaml")
                let first = try LloydProgram.run(["train", config, "--run", folder / "run"])
                #expect(first.status == 0, "\(first)")
                try folder.write("damaged", to: "run/checkpoints/checkpoint-000002.safetensors")
                try folder.write("damaged", to: "run/checkpoints/checkpoint-000003.safetensors")
            }),
    ]

    @Test(arguments: cases) func isAClearErrorOnEveryRankCount(item: Case) throws {
        for ranks in item.rankCounts {
            let folder = try ScratchFolder()
            try item.prepare(folder)
            func resolved(_ text: String) -> String { text.replacing("FOLDER", with: folder.path) }
            var arguments = item.arguments.map(resolved)
            if !item.config.isEmpty { arguments.insert(try folder.write(resolved(item.config), to: "bad.yaml"), at: 0) }
            if !arguments.contains("--run") { arguments += ["--run", folder / "run"] }
            let result = try LloydProgram.run(["train"] + arguments, ranks: ranks > 1 ? ranks : nil)
            #expect(item.status.contains(result.status), "\(ranks) ranks: \(result)")
            for word in item.words.map(resolved) {
                #expect(result.standardError.contains(word), "`\(word)` is not named on \(ranks) ranks: \(result)")
            }
            #expect(!result.standardError.contains("Fatal error"), "\(result)")
        }
    }

    @Test func moreRanksThanShards() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        let arguments = ["train", config, "--set", "shards=2", "--run", folder / "run"]
        let result = try LloydProgram.run(arguments, ranks: 3)
        #expect([1, 2].contains(result.status), "\(result)")
        #expect(result.standardError.contains("3 ranks") && result.standardError.contains("`shards`"))
        #expect(try LloydProgram.run(arguments, ranks: 2).status == 0)
    }

    /// Refused before anything is trained, not when the first gradient step begins.
    @Test func moreRanksThanMicroBatches() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(LloydProgram.smallToy, to: "toy.yaml")
        let arguments = ["train", config, "--set", "transform.micro-batch=20", "--run", folder / "run"]
        let result = try LloydProgram.run(arguments, ranks: 3)
        #expect(result.status == 2, "\(result)")
        for words in ["toy.yaml", "`transform.micro-batch`", "3 ranks cannot share 2 micro-batches", "set it to 10"] {
            #expect(result.standardError.contains(words), "\(words): \(result)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder / "run/config.yaml"))
    }

    /// A run that failed before anything was learned does not stand in the way of the next one.
    @Test func afterAFailureTheSameCommandMayBeGivenAgain() throws {
        let folder = try ScratchFolder()
        let config = try folder.write(Self.imageConfig(folder), to: "images.yaml")
        let arguments = ["train", config, "--run", folder / "run"]
        #expect(try LloydProgram.run(arguments).status != 0)
        try Self.writeImages(to: folder, "images", count: 40)
        let second = try LloydProgram.run(arguments)
        #expect(second.status == 0, "\(second)")
        let third = try LloydProgram.run(arguments)
        #expect(third.status != 0 && third.standardError.contains("--overwrite"), "\(third)")
        let fourth = try LloydProgram.run(arguments + ["--overwrite"])
        #expect(fourth.status == 0, "\(fourth)")
    }
}
