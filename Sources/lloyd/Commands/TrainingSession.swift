import Foundation
import NVTC
import Quantization
import RRQ
import Reporting
import ToySources
import Training

/// One `lloyd train` on one rank: the run folder, the terminal, the recipe.
final class TrainingSession {
    private var config: Config
    private let loop: TrainingLoop
    private let path: String
    private let resuming: Bool
    private let replacing: Bool
    private let progress = ProgressLine()
    private let start = ContinuousClock.now

    init(config: Config, loop: TrainingLoop, path: String, resuming: Bool, replacing: Bool) {
        self.config = config
        self.loop = loop
        self.path = path
        self.resuming = resuming
        self.replacing = replacing
    }

    func run() throws -> TrainingLoop.Outcome {
        let published = try config.readAnchors()
        // From here on the run's own copy is meant, so that its config can be trained again anywhere.
        if published != nil { config = config.setting("report.anchors", to: .text(RunContents.publishedCurvesFile)) }
        let toy = try config.text("method") == ConfigSchema.toy ? config.makeToySettings() : nil
        let nvtc = try config.text("method") == ConfigSchema.nvtc ? makeNVTCStudy() : nil
        // What an interrupted run has finished is read before the folder is touched, on every rank.
        if resuming { try requireSameConfig() }
        let isLayered = toy == nil && nvtc == nil
        let given = resuming && isLayered ? try CodebookFile.readAll(runFolder: path) : []
        let store = resuming && toy != nil ? try PointStore(resuming: path) : PointStore(runFolder: path)
        let resumption = resuming ? try nvtc?.resumption(of: path) ?? .init() : .init()
        let kept = nvtc == nil ? store.metricRows : resumption.metricRows
        try loop.communicator.barrier()
        let folder = loop.isCoordinator ? try prepareFolder(keepingMetrics: kept) : nil
        loop.rowsRecorded = kept
        if let folder { connect(folder) }
        if let folder, let published {
            try folder.write(published.prettyText, to: RunContents.publishedCurvesFile)
        }
        if resuming, loop.isCoordinator {
            let finished =
                nvtc != nil
                ? resumption.progress
                : isLayered ? "\(given.count) finished layers" : "\(store.points.count) finished points"
            print("Resuming after \(finished) of \(path).")
        }
        let outcome =
            if let toy {
                try runToy(toy, folder, store)
            } else if let nvtc {
                try runNVTC(nvtc, folder, resumption)
            } else {
                try config.text("method") == ConfigSchema.study ? runStudy(folder) : runRRQ(folder, given)
            }
        progress.finish()
        let rows = try loop.accounting.rows(over: loop.communicator)
        let peaks = try loop.communicator.allGather(value: Int64(ProcessMemory.peakMegabytes))
        if let folder {
            let accounting = RunAccounting(
                ranks: loop.communicator.size, threads: loop.reduction.team.threads,
                seconds: (ContinuousClock.now - start).seconds, peakMegabytes: Int(peaks.max()!),
                reducedMegabytes: Double(loop.bytesReduced) / 1e6, rows: rows)
            try folder.write(JSONEncoder.readable.encode(accounting), to: RunAccounting.fileName)
            finish(accounting, outcome)
            if outcome == .finished {
                let written = try RunReport.write(runFolder: path)
                for note in written.notes { print("Note: \(note)") }
                print("Report: \(path)/report/index.html")
            }
        }
        return outcome
    }

    // MARK: Recipes

    private func runRRQ(_ folder: RunFolder?, _ given: [SparseCodebook]) throws -> TrainingLoop.Outcome {
        let recipe = try RRQRecipe(settings: config.makeRRQSettings(), source: config.makeSource())
        let result = try recipe.run(loop, folder: folder, given: given)
        if let folder, let record = result.record {
            try folder.write(JSONEncoder.readable.encode(record), to: RRQRecord.fileName)
        }
        return result.outcome
    }

    private func runStudy(_ folder: RunFolder?) throws -> TrainingLoop.Outcome {
        guard let record = try CodebookStudy(settings: config.makeStudySettings()).run(loop) else { return .stopped }
        if let folder { try folder.write(JSONEncoder.readable.encode(record), to: RRQRecord.fileName) }
        return .finished
    }

    private func runToy(
        _ settings: ToySettings, _ folder: RunFolder?, _ store: PointStore
    ) throws -> TrainingLoop.Outcome {
        guard let record = try ToyStudy(settings: settings).run(loop, store: store) else { return .stopped }
        if let folder { try folder.write(JSONEncoder.readable.encode(record), to: ToyRecord.fileName) }
        return .finished
    }

    private func makeNVTCStudy() throws -> NVTCStudy {
        let (data, validation) = (try config.makeTrainingImages(), try config.makeValidationImages())
        return NVTCStudy(
            settings: try config.makeNVTCSettings(), data: data.images, validation: validation.images,
            names: (data.name, validation.name))
    }

    private func runNVTC(
        _ study: NVTCStudy, _ folder: RunFolder?, _ resumption: NVTCStudy.Resumption
    ) throws -> TrainingLoop.Outcome {
        guard let record = try study.run(loop, runFolder: path, from: resumption) else { return .stopped }
        if let folder {
            try folder.write(JSONEncoder.readable.encode(record), to: NVTCRecord.fileName)
            try NVTCCheckpoint.remove(runFolder: path)
        }
        return .finished
    }

    // MARK: Run folder

    private func prepareFolder(keepingMetrics rows: Int) throws -> RunFolder {
        // What an interrupted run has learned stays until it is written again: an attempt that fails loses nothing.
        var kept: Set<String> = []
        if resuming {
            kept = [
                "config.yaml", "codebooks", "points", "models", "partitions", "pictures", TransformFile.name,
                NVTCCheckpoint.fileName, NVTCCheckpoint.previousName,
            ]
        }
        if rows > 0 { kept.formUnion(["metrics.jsonl", "metrics.csv"]) }
        let folder = try RunFolder.create(path, replacing: replacing || resuming, keeping: kept)
        if rows > 0 { try folder.keepMetrics(rows: rows) }
        try folder.write(config.yaml, to: "config.yaml")
        printSettings()
        return folder
    }

    /// Refuses to go on with a run of another config.
    private func requireSameConfig() throws {
        _ = try RunFolder.open(path)
        let earlier = try Config(file: path + "/config.yaml")
        guard firstDifference(earlier) == nil else {
            throw config.fault(
                firstDifference(earlier)!, "differs from the run that is to be resumed in \(path)",
                remedy: "resume with the same config, or start a new run in another folder")
        }
    }

    /// The first key of which another value gives another result, if there is one.
    private func firstDifference(_ earlier: Config) -> String? {
        guard earlier.text("method") == config.text("method") else { return "method" }
        return config.usedKeys.first { $0.isPartOfResult && earlier.values[$0.path] != config.values[$0.path] }?.path
    }

    // MARK: Terminal

    private func connect(_ folder: RunFolder) {
        loop.onArtifact = { artifact in try artifact.write(try folder.place(artifact.path)) }
        loop.onMetrics = { row in try folder.append(row) }
        loop.onStep = { [unowned self] activity, headline, fraction, restored in
            progress.show(
                fraction: fraction, restored: restored, text: activity + (headline.isEmpty ? "" : " | " + headline))
        }
    }

    private func printSettings() {
        let world = loop.communicator
        var table = TextTable()
        table.rows = config.usedKeys.map { key in
            let value = config.values[key.path]!
            return [key.path, value.yaml, value == key.fallback ? "" : "(default \(key.fallback.yaml))"]
        }
        print("Settings (\(config.file))")
        print(table.text)
        print(
            "\(world.size) rank\(world.size == 1 ? "" : "s") of \(loop.reduction.team.threads) thread"
                + (loop.reduction.team.threads == 1 ? "" : "s")
                + ", coordinator on \(world.hostName); run folder \(path)")
        fflush(stdout)
    }

    private func finish(_ accounting: RunAccounting, _ outcome: TrainingLoop.Outcome) {
        var table = TextTable(rightAligned: [2, 3, 4, 5])
        table.rows = [["phase", "activity", "steps", "min s", "mean s", "max s"]]
        table.rows += accounting.rows.filter { $0.maximum >= 0.005 }.map {
            [
                $0.phase, $0.activity, "\($0.steps)", String(format: "%.2f", $0.minimum),
                String(format: "%.2f", $0.mean), String(format: "%.2f", $0.maximum),
            ]
        }
        print("\nWhere the time went (seconds over ranks)\n\(table.text)")
        print(
            "Total \(String(format: "%.1f", accounting.seconds)) s; at most \(accounting.peakMegabytes) MB in a rank; "
                + "\(String(format: "%.0f", accounting.reducedMegabytes)) MB exchanged by the coordinator in reductions"
        )
        if outcome == .stopped {
            print("Stopped by a signal. Finished layers and points are kept; go on with the same command and --resume.")
        }
        fflush(stdout)
    }
}

extension JSONEncoder {
    /// Sorted keys, one to a line; the same bytes for the same value.
    static var readable: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }
}
