import Datasets
import Messaging
import Training

/// What an interrupted run has left in its folder, read on every rank before the coordinator writes anything.
///
///     let left = try RunRemains(of: method, in: "runs/faces", resuming: true, world)
///     left.metricRows                                         // rows of metrics that stay
///     left.description                                        // "12 finished layers"
public struct RunRemains<Parts: FinishedWork> {
    /// What the run has finished.
    public let parts: Parts
    /// The newest whole checkpoint, of a part of the run that had not ended.
    public private(set) var checkpoint: Checkpoint?
    /// Files that are damaged, and what follows from it.
    public private(set) var warnings: [String] = []
    /// How far the run had come, in a few words.
    public private(set) var description = ""
    /// Whether there is a finished part or a checkpoint at all.
    public private(set) var isEmpty = true

    /// Parts and checkpoints that count on more rows of metrics than are left, after a power cut for instance, are passed
    /// over with a warning: the run continues from an earlier state to the same bytes.
    /// - Parameter resuming: false for a run that starts anew, which nothing is read for.
    /// - Throws: `LloydError` for damaged parts, when there are checkpoints and none is whole, when a file cannot be read, or
    ///   when the ranks do not see the same files.
    public init<M: Method>(
        of method: M, in runFolder: String, resuming: Bool, _ communicator: any Communicator
    ) throws where M.Parts == Parts {
        guard resuming else {
            parts = Parts(runFolder: runFolder)
            return
        }
        // The coordinator, who alone writes them, says how many rows there are.
        let found = communicator.rank == 0 ? try RunFolder.metricRows(in: runFolder) : 0
        let rows = Int(try communicator.allGather(value: Int64(found))[0])
        parts = try Parts(resuming: runFolder, metricRows: rows)
        warnings = parts.warnings
        description = method.describe(parts)
        guard Parts.canResume else {
            isEmpty = false
            return
        }
        for count in parts.counts { try Self.requireAgreement(count, communicator, runFolder) }
        try readCheckpoint(runFolder, communicator, metricRows: parts.metricRows == nil ? nil : rows)
        isEmpty = parts.counts.allSatisfy { $0 == 0 } && checkpoint == nil
    }

    /// Rows of metrics that belong to what is left.
    public var metricRows: Int { parts.metricRows.map { max($0, checkpoint?.metricRows ?? 0) } ?? 0 }

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
                found == nil ? $0 : "\($0)\n  Continuing from the checkpoint before it."
            }
        }
        let serial = Int(try communicator.allGather(value: Int64(found?.serial ?? 0))[0])
        if communicator.rank != 0, serial > 0 { found = try Checkpoint.read(folder: folder, serial: serial) }
        checkpoint = found
        if let found { description += ", checkpoint \(found.serial) (\(found.progress))" }
    }

    /// Ranks that start from different parts would wait for each other for ever.
    private static func requireAgreement(
        _ count: Int, _ communicator: any Communicator, _ runFolder: String
    ) throws {
        let all = try communicator.allGather(value: Int64(count))
        guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
        throw LloydError(
            .output, at: runFolder,
            problem: "rank \(other) sees \(all[other]) finished parts of the run but the coordinator sees \(all[0])",
            remedy: "keep the run folder on a file system that all machines share, and resume again in a minute: some "
                + "network file systems show new files late")
    }
}
