import Datasets
import Foundation

/// Where an interrupted run goes on: the states of the methods that one part of it has run so far.
///
///     let found = try Checkpoint.newest(in: "runs/nvtc/checkpoints")
///     found?.checkpoint.part                                  // "lambda 256"
///     found?.warnings                                         // what was wrong with newer files
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
    /// By the name that each method was run as.
    public var states: [String: TrainingState]
    /// What it says to people: how far the part had come.
    public var progress: String

    // MARK: Files

    static func fileName(_ serial: Int) -> String { String(format: "checkpoint-%06d.safetensors", serial) }

    /// The numbers of the folder's checkpoints, ascending.
    static func serials(in folder: String) -> [Int] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.compactMap { file in
            guard file.hasPrefix("checkpoint-"), file.hasSuffix(".safetensors"),
                let serial = Int(file.dropFirst("checkpoint-".count).dropLast(".safetensors".count)),
                fileName(serial) == file
            else { return nil }
            return serial
        }.sorted()
    }

    /// The newest whole checkpoint of a folder; nil where there is none.
    /// - Returns: the checkpoint, and a warning for each newer file that is damaged.
    /// - Throws: `DatasetError` when there are checkpoints and none is whole.
    public static func newest(in folder: String) throws -> (checkpoint: Checkpoint, warnings: [String])? {
        var problems: [any Error] = []
        for serial in serials(in: folder).reversed() {
            do {
                return (try Checkpoint(folder: folder, serial: serial), problems.map { "\($0)" })
            } catch {
                problems.append(error)
            }
        }
        if let first = problems.first { throw first }
        return nil
    }

    /// Reads and checks a file.
    /// - Throws: `DatasetError` when it is missing or damaged.
    public init(folder: String, serial: Int) throws {
        let path = folder + "/" + Self.fileName(serial)
        func damaged(_ what: String) -> DatasetError {
            DatasetError(
                path: path, problem: "is not a whole checkpoint: \(what)",
                remedy: "delete it; the run goes on from the one before it, or from what it had finished")
        }
        let file: SafeTensors
        do { file = try SafeTensors(path) } catch let error as DatasetError { throw damaged(error.problem) }
        let metadata = file.metadata
        guard metadata["format"] == Self.format, let part = metadata["part"], let progress = metadata["progress"],
            let rows = metadata["metric-rows"].flatMap({ Int($0) }), rows >= 0
        else { throw damaged("its description is missing") }
        var tensors: [String: [String: Tensor]] = [:]
        var all: [String: Tensor] = [:]
        for name in file.names {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw damaged("“\(name)” belongs to no method") }
            let tensor = try file.tensor(name)
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
    /// - Throws: `DatasetError` with the system's reason, such as a full disk; checkpoints that were there stay.
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
