import Datasets
import Foundation
import Stepping

/// The state from which an interrupted run continues: that of the methods that one part of it has run so far.
///
///     let found = try Checkpoint.newest(in: "runs/nvtc/checkpoints")
///     let part = found.checkpoint?.part                       // "lambda 256"
///     for warning in found.warnings { print(warning) }        // what was wrong with newer files
///
/// A file is a safetensors file with a checksum of everything in it. Files are numbered; each is written under a temporary
/// name, synced and renamed, and older ones are removed only afterwards: a whole one remains whatever happens when.
public struct Checkpoint: Sendable {
    static let format = "lloyd-checkpoint-1"
    /// The folder of the checkpoints in a run folder.
    public static let folderName = "checkpoints"

    /// Its number: 1 for a run's first.
    public var serial: Int
    /// The part of the run (`TrainingLoop.begin`).
    public var part: String
    /// Rows of metrics that were written before it.
    public var metricRows: Int
    /// By the name under which each method was run (`TrainingLoop.run`).
    public var states: [String: TrainingState]
    /// How far the part had come, for people.
    public var progress: String

    // MARK: Files

    static func fileName(_ serial: Int) -> String { String(format: "checkpoint-%06d.safetensors", serial) }

    /// The numbers of the folder's checkpoints, ascending; none if there is no folder.
    /// - Throws: `LloydError.file` if the folder cannot be listed.
    static func serials(in folder: String) throws -> [Int] {
        try RunFiles.entries(folder).compactMap(serial(of:)).sorted()
    }

    private static func serial(of file: String) -> Int? {
        guard file.hasPrefix("checkpoint-"), file.hasSuffix(".safetensors"),
            let serial = Int(file.dropFirst("checkpoint-".count).dropLast(".safetensors".count)),
            fileName(serial) == file
        else { return nil }
        return serial
    }

    /// The newest whole checkpoint of a folder that counts on no more rows of metrics than there are; nil for none.
    ///
    /// Only what was read and does not fit its checksum is damaged. A file that cannot be read just now, for a permission or
    /// a file system that does not answer, is an error: continuing without it would lose its work.
    /// - Parameter metricRows: rows that the run's metrics hold; nil if they do not matter.
    /// - Returns: the checkpoint, and a warning for each newer file that is damaged or counts on rows that are lost.
    /// - Throws: `LloydError` when there are checkpoints and all are damaged; `LloydError.file` for one that cannot be
    ///   read.
    public static func newest(
        in folder: String, metricRows: Int? = nil
    ) throws -> (checkpoint: Checkpoint?, warnings: [String]) {
        var problems: [any Error] = []
        var warnings: [String] = []
        for serial in try serials(in: folder).reversed() {
            do {
                let found = try Checkpoint(folder: folder, serial: serial)
                if let metricRows, found.metricRows > metricRows {
                    warnings.append(
                        "\(folder)/\(fileName(serial)): counts on \(found.metricRows) rows of metrics, of which "
                            + "\(metricRows) are left; the run continues from an earlier state")
                    continue
                }
                return (found, warnings)
            } catch let error as DamagedCheckpoint {
                problems.append(error.reason)
                warnings.append("\(error.reason)")
            }
        }
        if let first = problems.first, problems.count == warnings.count { throw first }
        return (nil, warnings)
    }

    /// A file that was read, and is not what was written.
    private struct DamagedCheckpoint: Error { var reason: LloydError }

    /// Reads and checks a file that was found whole before, on another rank.
    /// - Throws: `LloydError` when it is damaged; `LloydError.file` when it cannot be read.
    public static func read(folder: String, serial: Int) throws -> Checkpoint {
        do {
            return try Checkpoint(folder: folder, serial: serial)
        } catch let error as DamagedCheckpoint { throw error.reason }
    }

    /// Reads and checks a file.
    private init(folder: String, serial: Int) throws {
        let path = folder + "/" + Self.fileName(serial)
        func damaged(_ what: String) -> DamagedCheckpoint {
            DamagedCheckpoint(
                reason: LloydError(
                    path: path, problem: "is not a whole checkpoint: \(what)",
                    remedy: "move it away; the run then continues from the one before it, or from its finished parts"))
        }
        try RunFiles.probe(path)
        let file: SafeTensors
        do { file = try SafeTensors(path) } catch let error as LloydError { throw damaged(error.problem) }
        let metadata = file.metadata
        guard metadata["format"] == Self.format, let part = metadata["part"], let progress = metadata["progress"],
            let rows = metadata["metric-rows"].flatMap({ Int($0) }), rows >= 0
        else { throw damaged("its description is missing") }
        var tensors: [String: [String: Tensor]] = [:]
        var all: [String: Tensor] = [:]
        for name in file.names {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw damaged("“\(name)” belongs to no method") }
            let tensor: Tensor
            do { tensor = try file.tensor(name) } catch let error as LloydError { throw damaged(error.problem) }
            tensors[parts[0], default: [:]][parts[1]] = tensor
            all[name] = tensor
        }
        guard metadata["checksum"] == Self.checksum(all, metadata) else { throw damaged("its checksum does not fit") }
        self.init(
            serial: serial, part: part, metricRows: rows,
            states: tensors.mapValues { TrainingState(tensors: $0, origin: path) }, progress: progress)
    }

    init(serial: Int, part: String, metricRows: Int, states: [String: TrainingState], progress: String) {
        self.serial = serial
        self.part = part
        self.metricRows = metricRows
        self.states = states
        self.progress = progress
    }

    /// Writes the file, whole or not at all.
    /// - Throws: `LloydError` with the system's reason, such as a full disk; checkpoints that were there stay.
    func write(to folder: String) throws {
        var tensors: [String: Tensor] = [:]
        for (name, state) in states {
            for (inner, tensor) in state.tensors { tensors["\(name)/\(inner)"] = tensor }
        }
        var metadata = [
            "format": Self.format, "part": part, "progress": progress, "metric-rows": "\(metricRows)",
        ]
        metadata["checksum"] = Self.checksum(tensors, metadata)
        try SafeTensors.write(tensors, metadata: metadata, to: folder + "/" + Self.fileName(serial))
    }

    /// Of everything but itself.
    private static func checksum(_ tensors: [String: Tensor], _ metadata: [String: String]) -> String {
        var hash = Fingerprint()
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != "checksum" {
            hash.add(key)
            hash.add(value)
        }
        for name in tensors.keys.sorted() {
            hash.add(name)
            hash.add(tensors[name]!.bytes)
        }
        return String(hash.value, radix: 16)
    }
}
