import Datasets
import Foundation
import TestSupport
import Testing

/// Damaged pictures: left out alike on every rank (`data.damaged: skip`), and named by `lloyd check`.
@Suite(.serialized, .enabled(if: MPIRun.isAvailable, "mpirun is not installed"), .timeLimit(.minutes(10)))
struct DamagedImageTests {
    /// Pictures of which three are damaged: the first, one cut short behind its header, and one that is text.
    private func writeData(_ folder: ScratchFolder, size: Int) throws {
        try BadInputTests.writeImages(to: folder, "clean", count: 30, size: size)
        try BadInputTests.writeImages(to: folder, "images", count: 30, size: size)
        let bytes = try folder.bytes(of: "images/117.png")
        try folder.write(bytes.prefix(bytes.count / 2), to: "images/117.png")
        try folder.write("no picture", to: "images/100.png")
        try folder.write(Data([0x89, 0x50, 0x4E]), to: "images/a.jpg")
        for name in ["117.png", "100.png"] { try FileManager.default.removeItem(atPath: folder / "clean/" + name) }
    }

    private static let nvtc = """
        method: nvtc
        shards: 4
        nvtc: {lambdas: [256]}
        model: {factors: [4, 2], layers: [1, 1], widths: [8, 8], units: [1, 1], blocks: [2, 2], codewords: [8, 8],
          dimensions: [4, 4], prior-parameters: [4, 4], prior-levels: [8, 8], scaling-blocks: 1, prior-width: 8,
          prior-blocks: 1}
        data: {width: 64, height: 64, crop: 32}
        initialization: {starts: [2, 1], steps: 4, interval: 2}
        training: {steps: 8, warm-steps: 2, batch: 6, micro-batch: 1, log-interval: 4}
        validation: {images: 2}
        report: {pictures: 0}
        """

    @Test(arguments: ["rrq", "nvtc"]) func damagedPicturesAreLeftOutAlikeOnEveryRank(_ method: String) throws {
        let folder = try ScratchFolder()
        try writeData(folder, size: method == "rrq" ? 16 : 64)
        let config = try folder.write(
            method == "rrq" ? "shards: 4\nrrq: {layers: 2, codewords: 8, iterations: 2}\n" : Self.nvtc, to: "c.yaml")
        func train(_ data: String, _ run: String, ranks: Int?, _ more: [String] = []) throws -> ChildProcess.Result {
            try LloydProgram.run(
                [
                    "train", config, "--set", "data.source=images", "--set", "data.path=\(folder / data)", "--run",
                    folder / run,
                ]
                    + more, ranks: ranks)
        }
        let refused = try train("images", "refused", ranks: nil)
        #expect(refused.status == 1 && refused.standardError.contains("100.png"), "\(refused)")
        var first: [String: Data] = [:]
        for ranks in [1, 2, 3] {
            let result = try train("images", "skip-\(ranks)", ranks: ranks, ["--set", "data.damaged=skip"])
            #expect(result.status == 0, "\(result)")
            #expect(result.standardOutput.contains("3 damaged images left out"), "\(result.standardOutput)")
            #expect(result.standardOutput.contains("117.png: is cut short"), "\(result.standardOutput)")
            let found = try LloydProgram.results(folder, "skip-\(ranks)")
            if ranks == 1 { first = found } else { LloydProgram.expectSame(found, first, "\(ranks) ranks") }
        }
        let record = try folder.text(of: "skip-1/record.json")
        for name in ["100.png", "117.png", "a.jpg"] { #expect(record.contains("\"file\" : \"\(name)\"")) }
        // As if they were not there.
        #expect(try train("clean", "without", ranks: 2).status == 0)
        let without = try LloydProgram.results(folder, "without")
        let learned = without.keys.filter { $0.hasSuffix(".safetensors") }
        #expect(!learned.isEmpty)
        for name in learned { #expect(first[name] == without[name], "\(name)") }
        #expect(try !folder.text(of: "without/record.json").contains("\"damaged\""))
    }

    /// A file's name may be any bytes: such a picture is trained on like any other.
    @Test func namesThatAreNoTextAreTrainedOn() throws {
        let folder = try ScratchFolder()
        try BadInputTests.writeImages(to: folder, "images", count: 20)
        try BadInputTests.writeImages(to: folder, "same", count: 20)
        let moved = try ChildProcess.run(
            "/bin/bash",
            arguments: [
                "-c", #"cd "$1"; mv images/105.png images/$'105\xE9.png'; mv same/105.png same/105a.png"#, "bash",
                folder.path,
            ])
        #expect(moved.status == 0, "\(moved)")
        let config = try folder.write(BadInputTests.imageConfig(folder), to: "c.yaml")
        for (data, run) in [("images", "run"), ("same", "other")] {
            let result = try LloydProgram.run(
                ["train", config, "--set", "data.path=\(folder / data)", "--run", folder / run])
            #expect(result.status == 0, "\(result)")
        }
        let codebook = "codebooks/layer-0002.safetensors"
        #expect(try folder.bytes(of: "run/" + codebook) == folder.bytes(of: "other/" + codebook))
    }

    @Test func nothingIsLeftIfAllAreDamaged() throws {
        let folder = try ScratchFolder()
        try folder.write("no picture", to: "images/a.png")
        let config = try folder.write(BadInputTests.imageConfig(folder), to: "c.yaml")
        let result = try LloydProgram.run(["train", config, "--set", "data.damaged=skip", "--run", folder / "run"])
        #expect(result.status == 1 && result.standardError.contains("holds only damaged images"), "\(result)")
    }

    @Test func checkNamesWhatIsDamaged() throws {
        let folder = try ScratchFolder()
        try writeData(folder, size: 16)
        let result = try LloydProgram.run(["check", folder / "images", "--threads", "2", "--json", folder / "c.json"])
        #expect(result.status == 1 && !result.standardError.contains("error"), "\(result)")
        for words in [
            "31 items", "28 PNG, gray, 8 bits", "all 16x16", "117.png: is cut short", "100.png: is not a PNG",
            "a.jpg: is",
        ] {
            #expect(result.standardOutput.contains(words), "\(words): \(result.standardOutput)")
        }
        let json = try #require(
            try JSONSerialization.jsonObject(with: folder.bytes(of: "c.json")) as? [String: Any])
        #expect((json["damaged"] as? [Any])?.count == 3 && json["items"] as? Int == 31)
        let clean = try LloydProgram.run(["check", folder / "clean"])
        #expect(clean.status == 0 && clean.standardOutput.contains("damaged  none"), "\(clean)")
        try folder.write(folder.bytes(of: "clean/101.png"), to: "clean/copy.png")
        #expect(try LloydProgram.run(["check", folder / "clean"]).standardOutput.contains("101.png = "))
    }

    @Test func checkReadsVectorsTensorsAndRuns() throws {
        let folder = try ScratchFolder()
        func vectors(_ values: [Float]) -> Data {
            var data = Data()
            for value in values {
                withUnsafeBytes(of: Int32(1).littleEndian) { data.append(contentsOf: $0) }
                withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
            }
            return data
        }
        let good = try folder.write(vectors([1, 2, 3]), to: "good.fvecs")
        let result = try LloydProgram.run(["check", good])
        #expect(result.status == 0 && result.standardOutput.contains("3 vectors of 1 components"), "\(result)")
        let bad = try LloydProgram.run(["check", try folder.write(vectors([1, .nan, 3]), to: "bad.fvecs")])
        #expect(bad.status == 1 && bad.standardOutput.contains("bad.fvecs"), "\(bad)")
        #expect(try LloydProgram.run(["check", folder / "none"]).status == 1)
        #expect(mkfifo(folder / "pipe.npy", 0o600) == 0)
        #expect(try LloydProgram.run(["check", folder / "pipe.npy"]).standardError.contains("pipe"))

        let config = try folder.write(LloydProgram.smallConfig, to: "small.yaml")
        #expect(try LloydProgram.run(["train", config, "--run", folder / "run"]).status == 0)
        let run = try LloydProgram.run(["check", folder / "run"])
        #expect(run.status == 0 && run.standardOutput.contains("tensor"), "\(run)")
        let codebook = try folder.bytes(of: "run/codebooks/layer-0002.safetensors")
        try folder.write(codebook.dropLast(3), to: "run/codebooks/layer-0002.safetensors")
        let damaged = try LloydProgram.run(["check", folder / "run"])
        #expect(damaged.status == 1 && damaged.standardOutput.contains("layer-0002.safetensors"), "\(damaged)")
    }

    /// Under a limit of the address space a large picture is an error, not the end of the program by a signal.
    @Test func largePicturesUnderALimitOfMemoryAreErrors() throws {
        let folder = try ScratchFolder()
        let side = 8000
        var file = Data("P5 \(side) \(side) 255\n".utf8)
        file.append(Data(count: side * side))
        try folder.write(file, to: "large.pgm")
        for megabytes in [1200, 1500, 2000] {
            let result = try ChildProcess.run(
                "/bin/bash",
                arguments: [
                    "-c", "ulimit -v $((\(megabytes) * 1024)); OPENBLAS_NUM_THREADS=1 exec \"$@\"", "bash",
                    LloydProgram.path.get(), "check", folder / "large.pgm",
                ], environment: MPIRun.childEnvironment(), folder: nil, timeout: 60)
            #expect(result.status == 0 || result.status == 1, "\(megabytes) MB: \(result)")
            if result.status == 1 {
                #expect("\(result.standardOutput)\(result.standardError)".contains("memory"), "\(result)")
            }
        }
    }
}
