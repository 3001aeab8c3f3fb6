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

    /// A run that has begun.
    private func begun(_ path: String, _ purpose: RunFolder.Purpose = .start, rows: Int = 0) throws -> RunFolder {
        let folder = try RunFolder.claim(path, for: purpose, version: "1")
        try folder.begin(fingerprints: [:], keepingRows: rows)
        return folder
    }

    private func row(_ step: Int) -> MetricRow {
        MetricRow([("step", .integer(step)), ("loss", .real(1 / Double(step + 3)))])
    }

    @Test func appendedRowsComeBack() throws {
        let scratch = try ScratchFolder()
        let folder = try begun(scratch / "run")
        for step in 0..<3 { try folder.append(row(step)) }
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

    @Test func rowsAreWrittenByTheOwnerAlone() throws {
        let scratch = try ScratchFolder()
        let folder = try begun(scratch / "run")
        try folder.append(row(0))
        let rows = try scratch.text(of: "run/metrics.csv")
        // Another process has taken the folder over while this one stood still.
        let lock = "run/" + RunLock.fileName
        let taken = try scratch.text(of: lock).replacingOccurrences(of: "\"pid\"", with: "\"PID\"")
        try FileManager.default.removeItem(atPath: scratch / lock)
        try scratch.write(taken, to: lock)
        #expect(throws: LloydError.self) { try folder.append(row(1)) }
        #expect(throws: LloydError.self) { try folder.register(["report/report.md"]) }
        #expect(try scratch.text(of: "run/metrics.csv") == rows)
    }

    /// Between a check of the lock and a write, anything may happen.
    @Test(arguments: [0, 1]) func rowsOfAnEarlierOwnerReachNoFile(kept: Int) throws {
        let scratch = try ScratchFolder()
        let (json, csv) = (scratch / RunFolder.jsonMetrics, scratch / RunFolder.csvMetrics)
        let earlier = MetricFiles(folder: scratch.path)
        try earlier.create(json, csv, names: ["step", "loss"])
        try earlier.append(row(0))
        let later = MetricFiles(folder: scratch.path)
        if kept > 0 { try later.keep(rows: kept) } else { try later.create(json, csv, names: ["step", "loss"]) }
        try earlier.append(row(1))
        try later.append(row(2))
        let lines = try scratch.text(of: RunFolder.csvMetrics).split(separator: "\n").map(String.init)
        #expect(lines == ["step,loss"] + [0, 2].suffix(kept + 1).map { row($0).csv })
        #expect(try later.wholeRows() == kept + 1)
    }

    @Test func aRunIsNotOverwrittenUnasked() throws {
        let scratch = try ScratchFolder()
        let folder = try begun(scratch / "run")
        try folder.write("method: rrq\n", to: "config.yaml", asPreparation: true)
        try folder.write("x", to: "codebooks/layer-0001.safetensors")
        try folder.write("x", to: "pictures/test-1.png")
        try scratch.write("mine", to: "run/notes.txt")
        try scratch.write("mine", to: "run/codebooks/notes.txt")
        folder.release()
        let error = #expect(throws: RunFolderRefusal.self) { _ = try begun(scratch / "run") }
        #expect("\(error!)".contains(scratch / "run") && "\(error!)".contains("--overwrite"))
        #expect(try scratch.text(of: "run/config.yaml") == "method: rrq\n")
        let new = try begun(scratch / "run", .replace)
        let mine = ["codebooks/notes.txt", "notes.txt"]
        #expect(
            try scratch.files(below: "run").filter { !$0.hasPrefix(".") } == mine, "a run's files go, others stay")
        let aside = try #require(new.replacedRun)
        #expect(try String(contentsOfFile: aside + "/config.yaml", encoding: .utf8) == "method: rrq\n")
        // With the first result the earlier run goes.
        try new.append(row(1))
        #expect(new.replacedRun == nil)
        new.release()
        #expect(
            try scratch.files(below: "run")
                == [".lloyd-run", "codebooks/notes.txt", "metrics.csv", "metrics.jsonl", "notes.txt"])
    }

    @Test func aRunThatFailsBeforeItsFirstResultBringsTheEarlierOneBack() throws {
        let scratch = try ScratchFolder()
        let first = try begun(scratch / "run")
        try first.write("first", to: "config.yaml", asPreparation: true)
        try first.append(row(1))
        try first.write("first", to: "models/a-1.safetensors")
        first.release()
        let wanted = try scratch.contents(below: "run")
        // In order.
        let second = try begun(scratch / "run", .replace)
        try second.write("second", to: "config.yaml", asPreparation: true)
        #expect(try #require(second.abandon()).contains("back"))
        #expect(try scratch.contents(below: "run") == wanted)
        // Killed: the next start finds it. Nothing but the lock is released.
        let third = try begun(scratch / "run", .replace)
        try third.write("third", to: "config.yaml", asPreparation: true)
        third.release()
        #expect(throws: RunFolderRefusal.self) { _ = try begun(scratch / "run") }
        #expect(try scratch.contents(below: "run") == wanted)
        // Killed while files were moved aside, and while they were moved back.
        for moved in ["config.yaml", "models/a-1.safetensors"] {
            let marker = try #require(try RunMarker(folder: scratch / "run"))
            try RunFiles.makeFolder(scratch / "run/.replaced-1")
            try marker.write(to: scratch / "run/.replaced-1")
            try RunFiles.move(scratch / "run" + "/" + moved, scratch / "run/.replaced-1" + "/" + moved)
            #expect(throws: RunFolderRefusal.self) { _ = try begun(scratch / "run") }
            #expect(try scratch.contents(below: "run") == wanted)
        }
        // Overwriting twice in a row keeps the run that has results.
        for _ in 0..<2 { try begun(scratch / "run", .replace).release() }
        #expect(throws: RunFolderRefusal.self) { _ = try begun(scratch / "run") }
        #expect(try scratch.contents(below: "run") == wanted)
    }

    @Test func aRunThatLearnedNothingMayBeReplaced() throws {
        let scratch = try ScratchFolder()
        for name in [
            "metrics.jsonl", "record.json", "codebooks/layer-0001.safetensors", "checkpoints/checkpoint-000001",
        ] {
            let run = scratch / "run-\(name.count)"
            let first = try begun(run)
            try first.write("method: rrq\n", to: "config.yaml", asPreparation: true)
            first.release()
            let second = try begun(run)
            try second.write("x", to: name)
            second.release()
            #expect(throws: RunFolderRefusal.self, "\(name)") { _ = try begun(run) }
        }
    }

    @Test func aResumedRunKeepsWhatItLearned() throws {
        let scratch = try ScratchFolder()
        let first = try begun(scratch / "run")
        try first.write("x", to: "config.yaml", asPreparation: true)
        for step in 0..<5 { try first.append(row(step)) }
        try first.write("x", to: "codebooks/layer-0001.safetensors")
        first.release()
        let whole = try scratch.contents(below: "run")
        // Torn by a power cut: half a row, and zeros where pages were not written.
        for tail in [Data("{\"step\": 9".utf8), Data(count: 4096)] {
            for name in ["metrics.jsonl", "metrics.csv"] {
                try scratch.write(whole["\(name)"]! + tail, to: "run/" + name)
            }
            #expect(try RunFolder.metricRows(in: scratch / "run") == 5)
        }
        try scratch.write(whole["metrics.csv"]!.prefix(35), to: "run/metrics.csv")
        let rows = try RunFolder.metricRows(in: scratch / "run")
        #expect(rows == 1)
        let second = try begun(scratch / "run", .resume, rows: rows)
        for step in rows..<5 { try second.append(row(step)) }
        second.release()
        #expect(try scratch.contents(below: "run") == whole)
    }

    @Test func anEmptyFolderMayBeUsed() throws {
        let scratch = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: scratch / "run", withIntermediateDirectories: true)
        let folder = try begun(scratch / "run")
        try folder.write("text", to: "deep/er/file.txt")
        #expect(String(decoding: try folder.read("deep/er/file.txt"), as: UTF8.self) == "text")
    }

    @Test func foldersThatAreNoRunsAreRefusedAndStayAsTheyAre() throws {
        let scratch = try ScratchFolder()
        for name in ["models/mine.pt", "config.yaml", "metrics.csv", ".lloyd-runs", "a.partial-Xy12ab"] {
            try scratch.write("precious", to: "project/" + name)
        }
        try scratch.write("{}", to: "odd/.lloyd-run")
        try scratch.write(
            #"{"format": 1, "version": "1", "fingerprints": {}, "names": ["../x"], "preparations": []}"#,
            to: "out/.lloyd-run")
        let wanted = try scratch.contents(below: ".")
        for path in [
            "", " ", "/", "//", "/..", "~", "~/run", scratch / "project", scratch / "project/",
            scratch / "project/models/..",
            scratch / "project/config.yaml", scratch / "odd", scratch / "out", scratch / "project/models",
        ] {
            for purpose in [RunFolder.Purpose.start, .replace] {
                let error = #expect(throws: (any Error).self, "\(path)") {
                    _ = try RunFolder.claim(path, for: purpose, version: "1")
                }
                #expect(error is RunFolderRefusal, "\(path): \(error!)")
                #expect(!"\(error!)".contains("--overwrite"), "no advice that destroys: \(error!)")
            }
        }
        #expect(try scratch.contents(below: ".") == wanted)
    }

    @Test func linksAreNotFollowed() throws {
        let scratch = try ScratchFolder()
        try scratch.write("elsewhere", to: "other/metrics.csv")
        try scratch.write("elsewhere", to: "other/models/a-1.safetensors")
        let first = try begun(scratch / "run")
        try first.write("x", to: "models/a-1.safetensors")
        try first.write("x", to: "record.json")
        first.release()
        let manager = FileManager.default
        try manager.removeItem(atPath: scratch / "run/models")
        try manager.removeItem(atPath: scratch / "run/record.json")
        try manager.createSymbolicLink(atPath: scratch / "run/models", withDestinationPath: scratch / "other/models")
        try manager.createSymbolicLink(
            atPath: scratch / "run/metrics.csv", withDestinationPath: scratch / "other/metrics.csv")
        try manager.createSymbolicLink(
            atPath: scratch / "run/record.json", withDestinationPath: scratch / "other/metrics.csv")
        let wanted = try scratch.contents(below: "other")
        var warnings: [String] = []
        let second = try begun(scratch / "run", .replace)
        second.onWarning = { warnings.append($0) }
        try second.write("x", to: "config.yaml", asPreparation: true)
        try second.append(row(1))
        try second.write("new", to: "record.json")
        try second.remove(below: "models")
        second.release()
        #expect(try scratch.contents(below: "other") == wanted)
        #expect(warnings.count == 2 && warnings[0].contains("metrics.csv.kept-1"))
        // A link to a run folder is one.
        try manager.createSymbolicLink(atPath: scratch / "link", withDestinationPath: scratch / "run")
        #expect(throws: RunFolderRefusal.self) { _ = try begun(scratch / "link") }
        #expect(throws: Never.self) { _ = try begun(scratch / "link", .resume) }
    }

    @Test func whatAKilledProcessLeftHalfWrittenIsRemoved() throws {
        let scratch = try ScratchFolder()
        let first = try begun(scratch / "run")
        try first.write("x", to: "config.yaml", asPreparation: true)
        try first.write("x", to: "models/a-1.safetensors")
        first.release()
        let others = [
            "models/mine.partial-1.csv", "table.partial-Xy12ab", "deep/models/a-2.safetensors.partial-Xy12ab",
        ]
        for name in others { try scratch.write("mine", to: "run/" + name) }
        try scratch.write("half", to: "run/models/a-2.safetensors.partial-Xy12ab")
        try scratch.write("half", to: "run/models/.lloyd-partial-abcdefghijkl")
        try begun(scratch / "run", .resume).release()
        let left: [String] = try scratch.files(below: "run")
        #expect(left == ([".lloyd-run", "config.yaml", "models/a-1.safetensors"] + others).sorted())
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
        #expect(message { _ = try begun(blocked) }.contains(blocked))
        #expect(message { _ = try begun(scratch / "absent", .resume) }.contains("absent"))
        #expect(!FileManager.default.fileExists(atPath: scratch / "absent"))
        let folder = try begun(scratch / "run")
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
