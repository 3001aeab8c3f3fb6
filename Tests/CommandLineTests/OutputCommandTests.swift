import Codec
import Datasets
import Foundation
import MethodKit
import NVTC
import TestSupport
import Testing

@testable import Commands

/// What commands do with the names of their outputs, and with terminals that take nothing.
@Suite(.timeLimit(.minutes(15))) struct OutputCommandTests {
    private let folder: ScratchFolder
    private let model: String

    init() throws {
        folder = try ScratchFolder()
        model = folder / "nvtc-64.safetensors"
        let config = try folder.write(LloydProgram.smallNVTC, to: "small.yaml")
        try NVTCModelFile.write(
            NVTCModel(Config(file: config, settings: []).makeNVTCSettings().architecture, seed: 1), lambda: 64,
            steps: 5,
            isRateConstrained: true, to: model)
        try picture(1).writePNG(to: folder / "a.png")
    }

    private func picture(_ seed: UInt64) throws -> Image {
        try VectorImages(DeadLeaves(count: 1, width: 48, height: 32, channels: 3, seed: seed)).image(0)
    }

    private func expect(_ arguments: [String], _ status: Int32 = 0, _ words: String = "") throws {
        let result = try LloydProgram.run(arguments, folder: folder.path)
        #expect(result.status == status, "\(arguments): \(result)")
        #expect((result.standardOutput + result.standardError).contains(words) || words.isEmpty, "\(result)")
    }

    /// Runs a line of the shell in the folder; `$LLOYD` is the program.
    private func shell(_ line: String) throws -> ChildProcess.Result {
        var environment = MPIRun.childEnvironment()
        environment["LLOYD"] = try LloydProgram.path.get()
        environment["MODEL"] = model
        return try ChildProcess.run(
            "/bin/sh", arguments: ["-c", line], environment: environment, folder: folder.path)
    }

    @Test func anInputIsNotWrittenOver() throws {
        let original = try folder.bytes(of: "a.png")
        try FileManager.default.createSymbolicLink(atPath: folder / "link", withDestinationPath: "a.png")
        for output in ["a.png", "./a.png", "link", model] {
            try expect(["encode", "--model", model, "a.png", output], 2, "input")
        }
        try expect(["encode", "--model", model, "a.png", "b", "--json", "a.png"], 2, "input")
        try expect(["encode", "--model", model, "a.png", "b", "--json", "b"], 2, "two outputs")
        try expect(["measure", "a.png", "a.png", "--json", "a.png"], 2, "input")
        try expect(["encode", "--model", model, "a.png", "none/b"], 1, "make its folder first")
        #expect(try folder.bytes(of: "a.png") == original)
        try expect(["encode", "--model", model, "a.png", "b"])
        try expect(["decode", "--model", model, "b", "b"], 2, "input")
    }

    @Test func decodingWritesTheFormatThatTheNameSays() throws {
        try expect(["encode", "--model", model, "a.png", "a.lloyd"])
        for (name, start) in [("x.png", "\u{89}PNG"), ("x.PPM", "P6"), ("x.pnm", "P6"), ("x", "\u{89}PNG")] {
            try expect(["decode", "--model", model, "a.lloyd", name], 0, name)
            #expect(try folder.bytes(of: name).starts(with: start.unicodeScalars.map { UInt8($0.value) }), "\(name)")
        }
        try expect(["decode", "--model", model, "a.lloyd", "x.jpg"], 2, ".png, .ppm, .pgm")
        try expect(["decode", "--model", model, "a.lloyd", "x.pgm"], 2, ".ppm")
        #expect(!FileManager.default.fileExists(atPath: folder / "x.jpg"))
        // Standard output gets the picture, and nothing else.
        let piped = try shell("\"$LLOYD\" decode --model \"$MODEL\" a.lloyd /dev/stdout >y.png; cmp x.png y.png")
        #expect(piped.status == 0, "\(piped)")
    }

    @Test func picturesOfOneNameAreKeptApart() throws {
        for (index, name) in ["images/a.png", "images/x/b.png", "images/x-b.png"].enumerated() {
            try FileManager.default.createDirectory(
                atPath: ((folder / name) as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try picture(UInt64(index)).writePNG(to: folder / name)
        }
        try picture(7).writePNM(to: folder / "images/a.ppm")
        try expect(["evaluate", model, "--data", "images", "--json", "e.json", "--keep", "kept"], 0, "e.json")
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder / "kept/nvtc-64/lambda-64")
        #expect(kept.filter { $0.hasSuffix(".png") }.sorted() == ["a.png.png", "a.ppm.png", "x-b-2.png", "x-b.png"])
        #expect(kept.filter { $0.hasSuffix(".lloyd") }.count == 4)
        try expect(["compare", "e.json", "--out", "report"], 0, "report/index.html")
        try expect(["compare", "e.json", "--out", "report", "--pictures", "kept", "--originals", "images"])
    }

    @Test func newFilesGetWhatTheUmaskLeaves() throws {
        let result = try shell(
            "umask 077; \"$LLOYD\" encode --model \"$MODEL\" a.png a.lloyd --json j && stat -c %a a.lloyd j")
        #expect(result.standardOutput.hasSuffix("600\n600\n"), "\(result)")
    }

    @Test func aResultThatCannotBeWrittenIsAnErrorAndAReaderThatHasGoneIsNot() throws {
        let full = try shell("\"$LLOYD\" keys >/dev/full")
        #expect(full.status == 1 && full.standardError.contains("standard output"), "\(full)")
        let gone = try shell("(\"$LLOYD\" keys; echo $? >code) | true; cat code")
        #expect(["0\n", "141\n"].contains(gone.standardOutput) && gone.standardError.isEmpty, "\(gone)")
        // The file counts, not what is said of it.
        let coded = try shell("\"$LLOYD\" encode --model \"$MODEL\" a.png a.lloyd >/dev/full 2>&1; echo $?; ls a.lloyd")
        #expect(coded.standardOutput == "0\na.lloyd\n", "\(coded)")
    }

    @Test func trainingDoesNotDependOnWhoReadsItsProgress() throws {
        try folder.write(LloydProgram.smallStudy, to: "study.yaml")
        let streams = [">/dev/null 2>&1", ">/dev/full 2>/dev/full", ">&- 2>&-", "<&- >&-"]
        for (index, stream) in streams.enumerated() {
            let result = try shell("\"$LLOYD\" train study.yaml --run run-\(index) \(stream)")
            #expect(result.status == 0, "\(stream): \(result)")
            #expect(try folder.bytes(of: "run-\(index)/metrics.jsonl") == folder.bytes(of: "run-0/metrics.jsonl"))
        }
    }
}
