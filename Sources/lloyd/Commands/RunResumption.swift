import Messaging
import NVTC
import RRQ
import ToySources
import Training

/// What an interrupted run has left in its folder, read on every rank before the coordinator writes anything.
///
///     let left = try RunResumption(method: "rrq", runFolder: "runs/faces", nvtc: nil, communicator: world)
///     left.metricRows                                         // rows of metrics that stay
///     left.description                                        // "12 finished layers"
struct RunResumption {
    /// Of RRQ.
    var layers = RRQRecipe.Finished()
    /// Of toy sources.
    var points: PointStore
    /// Of NVTC.
    var models = NVTCStudy.Resumption()
    /// The newest whole checkpoint, of a part of the run that had not ended.
    var checkpoint: Checkpoint?
    /// Files that are damaged, and what follows from it.
    var warnings: [String] = []
    /// How far the run had come, in a few words.
    private(set) var description = ""
    /// Whether there is a finished part or a checkpoint at all.
    private(set) var isEmpty = true

    /// A run that starts anew.
    init(runFolder: String) { points = PointStore(runFolder: runFolder) }

    /// A run that goes on.
    ///
    /// Points and checkpoints that count on more rows of metrics than are left, after a power cut for instance, are passed
    /// over with a warning: the run goes on from an earlier state to the same bytes.
    /// - Throws: `DatasetError` for damaged points, or when there are checkpoints and none is whole; `TrainingError` when a
    ///   file cannot be read, or the ranks do not see the same files.
    init(method: String, runFolder: String, nvtc: NVTCStudy?, communicator: any Communicator) throws {
        self.init(runFolder: runFolder)
        let finished: Int
        // The coordinator, who alone writes them, says how many rows there are.
        let found = communicator.rank == 0 ? try RunFolder.metricRows(in: runFolder) : 0
        let rows = Int(try communicator.allGather(value: Int64(found))[0])
        switch method {
        case ConfigSchema.toy:
            points = try PointStore(resuming: runFolder, metricRows: rows)
            warnings = points.lost.map { Self.lost($0, rows) }
            finished = points.points.count
            description = "\(finished) finished point\(finished == 1 ? "" : "s")"
        case ConfigSchema.nvtc:
            models = try nvtc!.resumption(of: runFolder, metricRows: rows)
            warnings = models.lost.map { Self.lost("the model of lambda \(compact($0))", rows) }
            finished = models.models
            description = "\(finished) of \(nvtc!.settings.lambdas.count) models"
        case ConfigSchema.rrq:
            layers = RRQRecipe.Finished(runFolder: runFolder)
            finished = layers.layers.count
            description = "\(finished) finished layer\(finished == 1 ? "" : "s")"
            warnings = layers.layers.warnings + layers.comparison.warnings
        default:
            description = "its start: single codebooks are trained anew"
            return
        }
        try Self.requireAgreement(finished, communicator, runFolder)
        try Self.requireAgreement(layers.comparison.count, communicator, runFolder)
        // RRQ writes its rows again, layer by layer.
        try readCheckpoint(runFolder, communicator, metricRows: method == ConfigSchema.rrq ? nil : rows)
        isEmpty = finished == 0 && checkpoint == nil
    }

    private static func lost(_ what: String, _ rows: Int) -> String {
        "\(what) counts on more rows of metrics than the \(rows) that are left, and is trained again."
    }

    /// Rows of metrics that belong to what is left; RRQ's are written again layer by layer.
    func metricRows(method: String) -> Int {
        switch method {
        case ConfigSchema.toy: max(points.metricRows, checkpoint?.metricRows ?? 0)
        case ConfigSchema.nvtc: max(models.metricRows, checkpoint?.metricRows ?? 0)
        default: 0
        }
    }

    /// The coordinator chooses; the others read the same file.
    private mutating func readCheckpoint(
        _ runFolder: String, _ communicator: any Communicator, metricRows: Int?
    ) throws {
        let folder = runFolder + "/" + Checkpoint.folderName
        var found: Checkpoint?
        if communicator.rank == 0 {
            let newest = try Checkpoint.newest(in: folder, metricRows: metricRows)
            found = newest.checkpoint
            warnings += newest.warnings.map {
                found == nil ? $0 : "\($0)\n  Going on from the checkpoint before it."
            }
        }
        let serial = Int(try communicator.allGather(value: Int64(found?.serial ?? 0))[0])
        if communicator.rank != 0, serial > 0 { found = try Checkpoint.read(folder: folder, serial: serial) }
        checkpoint = found
        if let found { description += ", checkpoint \(found.serial) (\(found.progress))" }
    }

    /// Ranks that start from different layers would wait for each other for ever.
    private static func requireAgreement(
        _ count: Int, _ communicator: any Communicator, _ runFolder: String
    ) throws {
        let all = try communicator.allGather(value: Int64(count))
        guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
        throw TrainingError.file(
            path: runFolder,
            problem: "rank \(other) sees \(all[other]) finished parts of the run where the coordinator sees \(all[0])",
            remedy: "keep the run folder on a file system that all machines share, and resume again in a minute: some "
                + "network file systems show new files late")
    }
}
