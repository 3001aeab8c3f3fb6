import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct RunFolderTests {
    private let row = MetricRow([
        ("step", .integer(3)), ("loss", .real(0.1)), ("tiny", .real(1e-300)), ("none", .missing),
        ("infinite", .real(.infinity)), ("text", .text("a, \"b\"\nc\\ é")), ("plain", .text("k-means")),
    ])

    @Test func aRowIsAJSONObject() throws {
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(row.json.utf8)) as? [String: Any])
        #expect(object["step"] as? Int == 3)
        #expect(object["loss"] as? Double == 0.1)
        #expect(object["tiny"] as? Double == 1e-300)
        #expect(object["none"] is NSNull && object["infinite"] is NSNull)
        #expect(object["text"] as? String == "a, \"b\"\nc\\ é")
        #expect(!row.json.contains("\n"), "one object a line")
        #expect(row["loss"] == .real(0.1))
        #expect(row["absent"] == nil)
    }

    @Test func aRowIsALineOfCSV() {
        #expect(row.csv == "3,0.1,1e-300,,,\"a, \"\"b\"\"\nc\\ é\",k-means", "quotes are doubled (RFC 4180)")
        #expect(MetricRow([("a", .text("x\r\ny"))]).csv == "\"x\r\ny\"")
        #expect(MetricRow([("a", .text("back\\slash"))]).csv == "back\\slash")
    }

    @Test func appendedRowsComeBack() throws {
        let scratch = try ScratchFolder()
        let folder = try RunFolder.create(scratch / "run", replacing: false)
        for step in 0..<3 {
            try folder.append(MetricRow([("step", .integer(step)), ("loss", .real(1 / Double(step + 3)))]))
        }
        let lines = try scratch.text(of: "run/metrics.jsonl").split(separator: "\n")
        #expect(lines.count == 3)
        for (step, line) in lines.enumerated() {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["step"] as? Int == step)
            #expect(object["loss"] as? Double == 1 / Double(step + 3), "every digit is kept")
        }
        let csv = try scratch.text(of: "run/metrics.csv").split(separator: "\n").map(String.init)
        #expect(csv[0] == "step,loss")
        #expect(csv.count == 4)
        #expect(csv[1] == "0,\(1.0 / 3)")
    }

    @Test func aRunIsNotOverwrittenUnasked() throws {
        let scratch = try ScratchFolder()
        let folder = try RunFolder.create(scratch / "run", replacing: false)
        try folder.write("method: rrq\n", to: "config.yaml")
        try folder.write("x", to: "codebooks/layer-0001.safetensors")
        try folder.write("x", to: "pictures/test-1.png")
        try folder.write("mine", to: "notes.txt")
        let error = #expect(throws: TrainingError.self) {
            _ = try RunFolder.create(scratch / "run", replacing: false)
        }
        #expect("\(error!)".contains(scratch / "run") && "\(error!)".contains("--overwrite"))
        #expect(try scratch.text(of: "run/config.yaml") == "method: rrq\n")
        _ = try RunFolder.create(scratch / "run", replacing: true)
        #expect(try scratch.files(below: "run") == ["notes.txt"], "a run's files go, others stay")
    }

    @Test func aRunThatLearnedNothingMayBeReplaced() throws {
        let scratch = try ScratchFolder()
        for name in ["metrics.jsonl", "record.json", "codebooks/layer-0001.safetensors"] {
            let run = scratch / "run-\(name.count)"
            try RunFolder.create(run, replacing: false).write("method: rrq\n", to: "config.yaml")
            try RunFolder.create(run, replacing: false).write("x", to: name)
            #expect(throws: TrainingError.self) { _ = try RunFolder.create(run, replacing: false) }
        }
    }

    @Test func aResumedRunKeepsWhatItLearned() throws {
        let scratch = try ScratchFolder()
        for name in ["config.yaml", "metrics.jsonl", "record.json", "codebooks/layer-0001.safetensors"] {
            try scratch.write("x", to: "run/" + name)
        }
        _ = try RunFolder.create(scratch / "run", replacing: true, keeping: ["config.yaml", "codebooks"])
        #expect(try scratch.files(below: "run") == ["codebooks/layer-0001.safetensors", "config.yaml"])
    }

    @Test func anEmptyFolderMayBeUsed() throws {
        let scratch = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: scratch / "run", withIntermediateDirectories: true)
        let folder = try RunFolder.create(scratch / "run", replacing: false)
        try folder.write("text", to: "deep/er/file.txt")
        #expect(String(decoding: try folder.read("deep/er/file.txt"), as: UTF8.self) == "text")
    }

    @Test func whatCannotBeWrittenOrReadIsNamed() throws {
        let scratch = try ScratchFolder()
        try scratch.write("a file", to: "file")
        func message(_ body: () throws -> Void) -> String {
            do {
                try body()
                return "accepted"
            } catch { return "\(error)" }
        }
        let blocked = scratch / "file/run"
        #expect(message { _ = try RunFolder.create(blocked, replacing: false) }.contains(blocked))
        #expect(message { _ = try RunFolder.open(scratch / "absent") }.contains("absent"))
        let folder = try RunFolder.create(scratch / "run", replacing: false)
        #expect(message { _ = try folder.read("absent.txt") }.contains("run/absent.txt"))
        try scratch.write("a file", to: "run/codebooks")
        #expect(message { try folder.write("x", to: "codebooks/one") }.contains("run/codebooks"))
    }

    @Test func durationsAsPeopleSayThem() {
        let said = [-1, 0, 0.4, 42, 59.4, 59.6, 60, 185, 3599, 3600, 7800, 90_000].map(ProgressLine.duration)
        #expect(
            said == [
                "0 s", "0 s", "0 s", "42 s", "59 s", "1 min 00 s", "1 min 00 s", "3 min 05 s", "59 min 59 s",
                "1 h 00 min", "2 h 10 min", "25 h 00 min",
            ])
        let shares = [-0.5, 0, 0.0999, 0.5, 1, 2].map(ProgressLine.percent)
        #expect(shares == ["  0 %", "  0 %", "  9 %", " 50 %", "100 %", "100 %"])
    }
}
