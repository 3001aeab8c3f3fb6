import Datasets
import Foundation
import Neural
import Numerics
import Training

/// Everything that the training of a lambda needs to go on, in one file, with the one before kept.
///
///     try NVTCCheckpoint.write(descent, metricRows: 120, to: "runs/nvtc/checkpoint.safetensors")
///     let found = try NVTCCheckpoint(runFolder: "runs/nvtc", ignoring: nil)
///     try found?.restore(descent)                             // the same bytes as if it had never stopped
///
/// A checksum tells a whole file from a damaged one; a new checkpoint takes the place of the old one only when it is whole.
public struct NVTCCheckpoint {
    public static let fileName = "checkpoint.safetensors"
    public static let previousName = "checkpoint-previous.safetensors"
    private static let format = "lloyd-nvtc-checkpoint-1"

    public let lambda: Double
    public let step: Int
    /// Rows of metrics that belong to it.
    public let metricRows: Int
    /// What was wrong with the newer file, where this is the one before it.
    public let note: String?
    /// Mapped: its tensors cost memory only while they are put in place.
    private let file: SafeTensors

    /// Reads the newest whole checkpoint of a run; nil where there is none.
    /// - Throws: `DatasetError` when there are checkpoints and none is whole.
    public init?(runFolder: String) throws {
        let paths = [Self.fileName, Self.previousName].map { runFolder + "/" + $0 }
        let existing = paths.filter { FileManager.default.fileExists(atPath: $0) }
        var problem: (any Error)?
        for path in existing {
            do {
                try self.init(path: path, note: problem.map { "\($0)" })
                return
            } catch {
                problem = problem ?? error
            }
        }
        if let problem { throw problem }
        return nil
    }

    private init(path: String, note: String?) throws {
        func damaged(_ what: String) -> DatasetError {
            DatasetError(
                path: path, problem: "is not a whole checkpoint: \(what)",
                remedy:
                    "delete it, and training goes on from the checkpoint before it, or from the last finished lambda")
        }
        file = try SafeTensors(path)
        let metadata = file.metadata
        guard metadata["format"] == Self.format, let lambda = metadata["lambda"].flatMap(Double.init),
            let step = metadata["step"].flatMap({ Int($0) }), step >= 0,
            let rows = metadata["metric-rows"].flatMap({ Int($0) }), rows >= 0
        else { throw damaged("its description is missing") }
        guard metadata["checksum"] == (try Self.checksum(file.names, file.tensor)) else {
            throw damaged("its checksum does not fit")
        }
        self.note = note
        self.lambda = lambda
        self.step = step
        metricRows = rows
    }

    /// Writes the state, and keeps the checkpoint that was there as the previous one.
    public static func write(_ descent: NVTCDescent, metricRows: Int, to path: String) throws {
        let parameters = descent.model.parameters
        let tensors = [
            "parameters": Tensor(sharing: parameters.values), "adam.means": Tensor(sharing: descent.adam.state.means),
            "adam.squares": Tensor(sharing: descent.adam.state.squares), "usage": Tensor(descent.usage.counts),
            "usage.recent": Tensor(descent.recent.counts),
            "sums": Tensor(descent.sums + [Double(descent.summed), Double(descent.revived)]),
        ]
        let fresh = path + ".new"
        try SafeTensors.write(
            tensors,
            metadata: [
                "format": format, "lambda": "\(descent.lambda)", "step": "\(descent.step)",
                "metric-rows": "\(metricRows)", "checksum": checksum(tensors.keys) { tensors[$0]! },
            ], to: fresh)
        let previous = (path as NSString).deletingLastPathComponent + "/" + previousName
        if FileManager.default.fileExists(atPath: path) { try move(path, to: previous) }
        try move(fresh, to: path)
    }

    /// Removes the checkpoints of a run, when what they led to is finished.
    public static func remove(runFolder: String) throws {
        for name in [fileName, previousName] {
            let path = runFolder + "/" + name
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
    }

    /// Puts the state into a descent that was made for the same settings.
    func restore(_ descent: NVTCDescent) throws {
        func misfit(_ name: String) -> DatasetError {
            DatasetError(
                path: file.path, problem: "“\(name)” does not fit the config's model",
                remedy: "resume with the config that the checkpoint was written with")
        }
        func fill(_ buffer: AlignedBuffer<Float>, _ name: String) throws {
            guard file.names.contains(name) else { throw misfit(name) }
            let tensor = try file.tensor(name)
            guard tensor.element == .float32, tensor.count == buffer.count else { throw misfit(name) }
            _ = tensor.bytes.copyBytes(to: buffer.elements)
        }
        func doubles(_ name: String, _ count: Int) throws -> [Double] {
            guard file.names.contains(name), let elements = try file.tensor(name).elements(Double.self),
                elements.count == count
            else { throw misfit(name) }
            return elements
        }
        try fill(descent.model.parameters.values, "parameters")
        try fill(descent.adam.state.means, "adam.means")
        try fill(descent.adam.state.squares, "adam.squares")
        descent.usage.counts = try doubles("usage", descent.usage.counts.count)
        descent.recent.counts = try doubles("usage.recent", descent.recent.counts.count)
        let sums = try doubles("sums", descent.sums.count + 2)
        descent.sums = Array(sums.dropLast(2))
        descent.summed = Int(sums[sums.count - 2])
        descent.revived = Int(sums[sums.count - 1])
        descent.step = step
        descent.restoredSteps = step
        descent.adam.resume(steps: step)
        descent.rebuild()
    }

    private static func move(_ source: String, to target: String) throws {
        guard rename(source, target) == 0 else {
            throw TrainingError.file(
                path: target, problem: "could not be put in place: \(String(cString: strerror(errno)))",
                remedy: "check the permissions of the run folder")
        }
    }

    /// Of the tensors' bytes, in the order of their names.
    private static func checksum(
        _ names: some Sequence<String>, _ tensor: (String) throws -> Tensor
    ) rethrows -> String {
        var hash = Fingerprint()
        for name in names.sorted() { try hash.add(tensor(name).bytes) }
        return String(hash.value, radix: 16)
    }
}
