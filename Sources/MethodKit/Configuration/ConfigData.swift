import Core
import Datasets
import Foundation
import Training

/// From shared keys to what they describe.
extension Config {
    /// The vectors or images that the config names, of a method that uses `Keys.vectors`.
    /// - Throws: `ConfigError` for keys that do not fit together, `LloydError` for data that cannot be used.
    public func makeVectors(_ opening: DataOpening = DataOpening()) throws -> any VectorSource {
        switch self[Keys.data.source] {
        case .images:
            let path = try dataPath("a folder of PNG, JPEG, PGM or PPM images, or .tar files of them")
            let images = try ImageFolder(
                path, color: self[Keys.color.color], leavingOut: try damagedImages(path, opening))
            opening.tell(path, damaged: images.damaged, turned: images.turned)
            return images
        case .vectors:
            return try VectorFile.open(dataPath("an .npy or .fvecs file"))
        case .gaussian:
            return VarianceDecayingGaussian(
                count: self[Keys.data.count], dimension: self[Keys.gaussian.dimension],
                decay: self[Keys.gaussian.decay], seed: seed)
        case .deadLeaves:
            return DeadLeaves(
                count: self[Keys.data.count], width: self[Keys.data.width], height: self[Keys.data.height],
                channels: self[Keys.color.color] == .rgb ? 3 : 1, seed: seed)
        }
    }

    /// The images that `data.damaged` leaves out of a data set.
    public func damagedImages(_ path: String, _ opening: DataOpening) throws -> [DamagedImage] {
        self[Keys.data.damaged] == .skip ? try opening.search.damaged(of: path) : []
    }

    /// Where the data are that `data.source` needs.
    /// - Parameter what: what can be named, for the remedy.
    /// - Throws: `ConfigError` when `data.path` is not set.
    public func dataPath(_ what: String) throws -> String {
        guard let path = self[Keys.data.path] else {
            throw fault(
                Keys.data.path, "is not set, but data.source is `\(self[Keys.data.source].rawValue)`",
                remedy: "name \(what): --set data.path=/path/to/it")
        }
        return path
    }

    /// When checkpoints are written.
    public func makeCheckpointSchedule() -> CheckpointWriter.Schedule {
        let steps = self[Keys.checkpoint.steps]
        return CheckpointWriter.Schedule(
            steps: steps > 0 ? steps : nil, minutes: self[Keys.checkpoint.minutes],
            kept: self[Keys.checkpoint.kept])
    }

    /// Where the file or folder is that `report.anchors` names; nil if it names none.
    /// - Parameter example: a file that comes with Lloyd, for the remedy.
    /// - Throws: `ConfigError` when there is no such file.
    public func findAnchors(example: String) throws -> String? {
        guard let path = self[Keys.anchors.anchors] else { return nil }
        let beside = (FileName.parent(of: file) as NSString).appendingPathComponent(path)
        let candidates = path.hasPrefix("/") ? [path] : beside == path ? [path] : [beside, path]
        guard let found = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            throw fault(
                Keys.anchors.anchors, "there is no \(candidates.joined(separator: " and no "))",
                remedy: "name a file of published curves, such as \(example), or set it to null")
        }
        return found
    }
}
