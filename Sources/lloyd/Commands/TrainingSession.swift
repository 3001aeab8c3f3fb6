import Core
import Datasets
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

    /// What a method is given: made, with its data opened, before anything in the run folder is changed.
    private enum Work {
        case rrq(RRQRecipe)
        case study(CodebookStudy)
        case toy(ToyStudy)
        case nvtc(NVTCStudy)
    }

    func run() throws -> TrainingLoop.Outcome {
        // Faults of the config come first, then those of the run folder, then those of the data.
        try checkSettings()
        try checkReadable()
        var folder: RunFolder?
        do {
            if loop.isCoordinator { folder = try claim() }
            let outcome = try run(in: folder)
            folder?.release()
            return outcome
        } catch {
            if let note = folder?.abandon() { warn(note) }
            throw error
        }
    }

    private func run(in folder: RunFolder?) throws -> TrainingLoop.Outcome {
        let method = config.text("method")
        let published = try config.readAnchors()
        // From here on the run's own copy is meant, so that its config can be trained again anywhere.
        if published != nil { config = config.setting("report.anchors", to: .text(RunContents.publishedCurvesFile)) }
        let work = try makeWork()
        let identity = try RunIdentity(config)
        try RankAgreement.require(identity.values, over: loop.communicator)
        if resuming, let folder {
            try identity.requireSame(as: folder, try Config(file: path + "/config.yaml"), config)
        }
        try loop.communicator.barrier()
        var nvtc: NVTCStudy?
        if case .nvtc(let study) = work { nvtc = study }
        let left =
            resuming
            ? try RunResumption(method: method, runFolder: path, nvtc: nvtc, communicator: loop.communicator)
            : RunResumption(runFolder: path)
        try loop.communicator.barrier()
        if let folder { try begin(folder, left, identity, published?.prettyText) }
        loop.rowsRecorded = left.metricRows(method: method)
        if let checkpoint = left.checkpoint { loop.resume(from: checkpoint) }
        startWatchdog()
        let outcome =
            switch work {
            case .toy(let study): try runToy(study, folder, left.points)
            case .nvtc(let study): try runNVTC(study, folder, left.models)
            case .study(let study): try runStudy(study, folder)
            case .rrq(let recipe): try runRRQ(recipe, folder, left.layers)
            }
        try loop.checkpoints?.finish(isStopping: outcome == .stopped)
        if outcome == .finished { try folder?.remove(below: Checkpoint.folderName) }
        loop.watchdog?.finish()
        progress.finish()
        let rows = try loop.accounting.rows(over: loop.communicator)
        let peaks = try loop.communicator.allGather(value: Int64(ProcessMemory.peakMegabytes))
        if let folder {
            let accounting = RunAccounting(
                ranks: loop.communicator.size, threads: loop.reduction.team.threads,
                seconds: (ContinuousClock.now - start).seconds, peakMegabytes: Int(peaks.max()!),
                reducedMegabytes: Double(loop.bytesReduced) / 1e6, rows: rows)
            try folder.syncMetrics()
            try folder.write(
                JSONEncoder.readable.encode(accounting), to: RunAccounting.fileName, asPreparation: true)
            finish(accounting, outcome)
            if outcome == .finished {
                let written = try RunReport.write(runFolder: path)
                try folder.register(written.files.map { "report/" + $0 })
                for note in written.notes { print("Note: \(note)") }
                print("Report: \(path)/report/index.html")
            }
        }
        return outcome
    }

    // MARK: Recipes

    /// - Throws: `ConfigError` for keys that do not fit together.
    private func checkSettings() throws {
        switch config.text("method") {
        case ConfigSchema.toy: _ = try config.makeToySettings()
        case ConfigSchema.nvtc: _ = try config.makeNVTCSettings()
        case ConfigSchema.study: _ = try config.makeStudySettings()
        default: _ = try config.makeRRQSettings()
        }
    }

    private func makeWork() throws -> Work {
        switch config.text("method") {
        case ConfigSchema.toy: return .toy(try ToyStudy(settings: config.makeToySettings()))
        case ConfigSchema.nvtc: return .nvtc(try makeNVTCStudy())
        case ConfigSchema.study: return .study(CodebookStudy(settings: try config.makeStudySettings()))
        default:
            let source = try config.makeSource(damagedImageSearch)
            if let images = source as? ImageFolder {
                tell(of: images.damaged, turned: images.turned, config.optionalText("data.path") ?? "")
            }
            return .rrq(RRQRecipe(settings: try config.makeRRQSettings(), source: source))
        }
    }

    private func runRRQ(
        _ recipe: RRQRecipe, _ folder: RunFolder?, _ finished: RRQRecipe.Finished
    ) throws -> TrainingLoop.Outcome {
        let result = try recipe.run(loop, folder: folder, finished: finished)
        if let folder, let record = result.record {
            try folder.write(JSONEncoder.readable.encode(record), to: RRQRecord.fileName)
        }
        return result.outcome
    }

    private func runStudy(_ study: CodebookStudy, _ folder: RunFolder?) throws -> TrainingLoop.Outcome {
        guard let record = try study.run(loop) else { return .stopped }
        if let folder { try folder.write(JSONEncoder.readable.encode(record), to: RRQRecord.fileName) }
        return .finished
    }

    private func runToy(
        _ study: ToyStudy, _ folder: RunFolder?, _ store: PointStore
    ) throws -> TrainingLoop.Outcome {
        guard let record = try study.run(loop, store: store) else { return .stopped }
        if let folder { try folder.write(JSONEncoder.readable.encode(record), to: ToyRecord.fileName) }
        return .finished
    }

    private func makeNVTCStudy() throws -> NVTCStudy {
        let data = try config.makeTrainingImages(damagedImageSearch)
        let validation = try config.makeValidationImages(damagedImageSearch)
        for (images, key) in [(data.images, "data.path"), (validation.images, "validation.path")] {
            if let folder = images as? PhotoFolder {
                tell(of: folder.damaged, turned: folder.turned, config.optionalText(key) ?? "")
            }
        }
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

    private func claim() throws -> RunFolder {
        // A config.yaml that is not Lloyd's is somebody's: not even a lock is put beside it.
        if resuming, !path.isEmpty, FileManager.default.fileExists(atPath: path + "/config.yaml") {
            _ = try Config(file: path + "/config.yaml")
        }
        let folder = try RunFolder.claim(
            path, for: resuming ? .resume : replacing ? .replace : .start, version: Lloyd.version)
        folder.onWarning = { [unowned self] in warn($0) }
        return folder
    }

    /// Names that runs had before folders were marked, as far as a resumption writes them anew.
    private static let namesBeforeMarkers =
        [
            "config.yaml", RunFolder.jsonMetrics, RunFolder.csvMetrics, RRQRecord.fileName, RunAccounting.fileName,
            RunContents.publishedCurvesFile, TransformFile.name, CodebookFile.name(layer: 1),
        ] + CheckpointWriter.names

    /// Everything is opened and checked: from here on the folder is this run's.
    private func begin(
        _ folder: RunFolder, _ left: RunResumption, _ identity: RunIdentity, _ published: String?
    ) throws {
        if resuming, folder.isUnmarked, left.isEmpty {
            throw RunFolderRefusal(
                path: path, problem: "holds no finished part and no checkpoint of a run, and no marker of Lloyd's",
                remedy: "name the folder that `lloyd train` printed as its run folder, or start a new run in another")
        }
        try folder.begin(
            fingerprints: identity.fingerprints, keepingRows: left.metricRows(method: config.text("method")),
            adopting: Self.namesBeforeMarkers)
        try folder.write(config.yaml, to: "config.yaml", asPreparation: true)
        printSettings()
        if let earlier = folder.replacedRun {
            print("The earlier run waits in \(earlier) until this one has its first result.")
            fflush(stdout)
        }
        try connect(folder, left)
        if let published { try folder.write(published, to: RunContents.publishedCurvesFile, asPreparation: true) }
    }

    /// What is written must be the same config when it is read again.
    private func checkReadable() throws {
        let again = try? Config(text: config.yaml, file: "config.yaml")
        guard let key = config.usedKeys.first(where: { again?.values[$0.path] != config.values[$0.path] }) else {
            return
        }
        throw config.fault(
            key.path, "cannot be written to the run folder's config.yaml so that it reads back the same",
            remedy: "write it with other characters")
    }

    // MARK: Terminal

    private var damagedImageSearch: DamagedImageSearch {
        DamagedImageSearch(world: loop.communicator, team: loop.reduction.team)
    }

    /// Says on the coordinator what the data are read as, where that is not what lies in the files.
    private func tell(of damaged: [DamagedImage], turned: Int, _ path: String) {
        guard loop.isCoordinator else { return }
        let path = FileName.printable(path)
        if !damaged.isEmpty {
            print("\(path): \(Config.count(damaged.count, "damaged image")) left out (data.damaged: skip)")
            for image in damaged.prefix(20) {
                print("  \(FileName.printable(image.file)): \(FileName.printable(image.reason))")
            }
            if damaged.count > 20 { print("  and \(damaged.count - 20) more; the record names all") }
        }
        if turned > 0 {
            print("\(path): \(Config.count(turned, "image")) turned upright, as their EXIF data say")
        }
        fflush(stdout)
    }

    private func connect(_ folder: RunFolder, _ left: RunResumption) throws {
        if resuming {
            for warning in left.warnings { warn(warning) }
            print("Resuming after \(left.description) of \(path).")
            fflush(stdout)
        }
        if config.text("method") != ConfigSchema.study {
            try folder.register(CheckpointWriter.names)
            let writer = try CheckpointWriter(
                runFolder: path, schedule: config.makeCheckpointSchedule(), after: left.checkpoint)
            writer.beforeWriting = {
                try folder.requireOwnership()
                try folder.syncMetrics()
            }
            writer.onWarning = { [unowned self] in warn($0) }
            loop.checkpoints = writer
        }
        loop.onArtifact = { artifact in try folder.write(artifact) }
        loop.onMetrics = { row in try folder.append(row) }
        loop.onStep = { [unowned self] activity, headline, fraction, restored in
            progress.show(
                fraction: fraction, restored: restored, text: activity + (headline.isEmpty ? "" : " | " + headline))
        }
    }

    private func warn(_ text: String) { Terminal.say("Warning: \(text)") }

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
