import Core
import Datasets
import Foundation
import MethodKit
import Reporting
import Training

/// One `lloyd train` on one rank: the run folder, the terminal, the method.
final class TrainingSession<M: Method> {
    private let method: M
    private var config: Config
    private let loop: TrainingLoop
    private let path: String
    private let resuming: Bool
    private let replacing: Bool
    private let watchdog: Watchdog.Limits
    private let progress = ProgressLine()
    private let start = ContinuousClock.now

    init(
        _ method: M, config: Config, loop: TrainingLoop, path: String, resuming: Bool, replacing: Bool,
        watchdog: Watchdog.Limits
    ) {
        self.method = method
        self.config = config
        self.loop = loop
        self.path = path
        self.resuming = resuming
        self.replacing = replacing
        self.watchdog = watchdog
    }

    func run() throws -> TrainingLoop.Outcome {
        // Faults of the config come first, then those of the run folder, then those of the data.
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
        let copies = try method.copies()
        // From here on the run's own copy is meant, so that its config can be trained again anywhere.
        for copy in copies { config = config.setting(copy.key, to: copy.file) }
        let input = try method.open(
            DataOpening(
                search: DamagedImageSearch(world: loop.communicator, team: loop.reduction.team),
                onFound: { [unowned self] in tell(of: $0.damaged, turned: $0.turned, $0.path) }))
        let identity = try RunIdentity(config)
        try RankAgreement.require(identity.values, over: loop.communicator)
        if resuming, let folder {
            try identity.requireSame(
                as: folder, try Config(file: path + "/config.yaml", schema: config.schema), config)
        }
        try loop.communicator.barrier()
        let left = try RunRemains(of: method, in: path, resuming: resuming, loop.communicator)
        try loop.communicator.barrier()
        if let folder { try begin(folder, left, identity, copies) }
        loop.rowsRecorded = left.metricRows
        if let checkpoint = left.checkpoint { loop.resume(from: checkpoint) }
        startWatchdog()
        let record = try method.run(RunContext(loop: loop, path: path, parts: left.parts, folder: folder), input)
        let outcome = record == nil ? TrainingLoop.Outcome.stopped : .finished
        if let folder, let record {
            try folder.write(JSONEncoder.readable.encode(RecordFile(record, M.name, config)), to: RunRecord.fileName)
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
                let written = try RunReport.write(runFolder: path, schema: config.schema)
                try folder.register(written.files.map { "report/" + $0 })
                for note in written.notes { print("Note: \(note)") }
                print("Report: \(path)/report/index.html")
            }
        }
        return outcome
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
            _ = try Config(file: path + "/config.yaml", schema: config.schema)
        }
        let folder = try RunFolder.claim(
            path, for: resuming ? .resume : replacing ? .replace : .start, version: LloydProgram.version)
        folder.onWarning = { [unowned self] in warn($0) }
        return folder
    }

    /// Names that runs had before folders were marked, as far as a resumption writes them anew.
    private var namesBeforeMarkers: [String] {
        [
            "config.yaml", RunFolder.jsonMetrics, RunFolder.csvMetrics, RunRecord.fileName, RunAccounting.fileName,
            RunContents.anchorsFile,
        ] + M.filesBeforeMarkers + CheckpointWriter.names
    }

    /// Everything is opened and checked: from here on the folder is this run's.
    private func begin(
        _ folder: RunFolder, _ left: RunRemains<M.Parts>, _ identity: RunIdentity, _ copies: [KeptCopy]
    ) throws {
        if resuming, folder.isUnmarked, left.isEmpty {
            throw RunFolderRefusal(
                path: path, problem: "holds no finished part and no checkpoint of a run, and no marker of Lloyd's",
                remedy: "name the folder that `lloyd train` printed as its run folder, or start a new run in another")
        }
        try folder.begin(
            fingerprints: identity.fingerprints, keepingRows: left.metricRows,
            adopting: namesBeforeMarkers)
        try folder.write(config.yaml, to: "config.yaml", asPreparation: true)
        printSettings()
        if let earlier = folder.replacedRun {
            print("The earlier run waits in \(earlier) until this one has its first result.")
            fflush(stdout)
        }
        try connect(folder, left)
        for copy in copies { try folder.write(copy.text, to: copy.file, asPreparation: true) }
    }

    /// What is written must be the same config when it is read again.
    private func checkReadable() throws {
        let again = try? Config(text: config.yaml, file: "config.yaml", schema: config.schema)
        guard let key = config.usedKeys.first(where: { again?.values[$0.path] != config.values[$0.path] }) else {
            return
        }
        throw config.fault(
            key, "cannot be written to the run folder's config.yaml so that it reads back the same",
            remedy: "write it with other characters")
    }

    // MARK: Terminal

    /// Says on the coordinator what the data are read as, if that is not what lies in the files.
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

    private func connect(_ folder: RunFolder, _ left: RunRemains<M.Parts>) throws {
        if resuming {
            for warning in left.warnings { warn(warning) }
            print("Resuming after \(left.description) of \(path).")
            fflush(stdout)
        }
        if M.Parts.canResume {
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
            print("Stopped with a checkpoint; continue with the same command and --resume.")
        }
        fflush(stdout)
    }
}
