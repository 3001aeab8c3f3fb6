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
    private let watchdog: Watchdog.Limits
    private let progress = ProgressLine()
    private let start = ContinuousClock.now

    init(
        config: Config, loop: TrainingLoop, path: String, resuming: Bool, replacing: Bool, watchdog: Watchdog.Limits
    ) {
        self.config = config
        self.loop = loop
        self.path = path
        self.resuming = resuming
        self.replacing = replacing
        self.watchdog = watchdog
    }

    func run() throws -> TrainingLoop.Outcome {
        let published = try config.readAnchors()
        // From here on the run's own copy is meant, so that its config can be trained again anywhere.
        if published != nil { config = config.setting("report.anchors", to: .text(RunContents.publishedCurvesFile)) }
        let method = config.text("method")
        let nvtc = method == ConfigSchema.nvtc ? try makeNVTCStudy() : nil
        if resuming { try requireSameConfig() }
        let left =
            resuming
            ? try RunResumption(method: method, runFolder: path, nvtc: nvtc, communicator: loop.communicator)
            : RunResumption(runFolder: path)
        try loop.communicator.barrier()
        let folder = loop.isCoordinator ? try prepareFolder(keepingMetrics: left.metricRows(method: method)) : nil
        loop.rowsRecorded = left.metricRows(method: method)
        if let folder { try connect(folder, left) }
        if let folder, let published {
            try folder.write(published.prettyText, to: RunContents.publishedCurvesFile)
        }
        if let checkpoint = left.checkpoint { loop.resume(from: checkpoint) }
        startWatchdog()
        let outcome =
            switch method {
            case ConfigSchema.toy: try runToy(folder, left.points)
            case ConfigSchema.nvtc: try runNVTC(nvtc!, folder, left.models)
            case ConfigSchema.study: try runStudy(folder)
            default: try runRRQ(folder, left.layers)
            }
        try loop.checkpoints?.finish()
        if outcome == .finished, loop.isCoordinator { try CheckpointWriter.remove(runFolder: path) }
        loop.watchdog?.finish()
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

    private func runRRQ(_ folder: RunFolder?, _ finished: RRQRecipe.Finished) throws -> TrainingLoop.Outcome {
        let recipe = try RRQRecipe(settings: config.makeRRQSettings(), source: config.makeSource())
        let result = try recipe.run(loop, folder: folder, finished: finished)
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

    private func runToy(_ folder: RunFolder?, _ store: PointStore) throws -> TrainingLoop.Outcome {
        guard let record = try ToyStudy(settings: config.makeToySettings()).run(loop, store: store) else {
            return .stopped
        }
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
        }
        return .finished
    }

    // MARK: Run folder

    private func startWatchdog() {
        let world = loop.communicator
        loop.watchdog = Watchdog(
            rank: world.rank, ranks: world.size, host: world.hostName, folder: path + "/.ranks", limits: watchdog)
    }

    private func prepareFolder(keepingMetrics rows: Int) throws -> RunFolder {
        // What an interrupted run has learned stays until it is written again: an attempt that fails loses nothing.
        var kept: Set<String> = []
        if resuming {
            kept = [
                "config.yaml", "codebooks", "points", "models", "partitions", "pictures", TransformFile.name,
                Checkpoint.folderName,
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

    private func connect(_ folder: RunFolder, _ left: RunResumption) throws {
        if resuming {
            for warning in left.warnings { FileHandle.standardError.write(Data("Warning: \(warning)\n".utf8)) }
            print("Resuming after \(left.description) of \(path).")
            fflush(stdout)
        }
        if config.text("method") != ConfigSchema.study {
            loop.checkpoints = try CheckpointWriter(
                runFolder: path, schedule: config.makeCheckpointSchedule(), after: left.checkpoint)
        }
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
            print("Stopped with a checkpoint; go on with the same command and --resume.")
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
