import Datasets
import Foundation
import MethodKit

extension NVTCSettings: ConfigurableSettings {
    /// What a config says.
    /// - Throws: `ConfigError` for keys that do not fit together.
    package init(_ config: Config) throws {
        self = config.settings()
        let keys = NVTCMethod.own
        title = config[Keys.general.title]
        seed = config.seed
        pictures = config[Keys.pictures.pictures]
        try config.requireDistinct(keys.lambdas, remedy: "give one lambda or more, such as [256, 64]")
        architecture.stages = try Self.stages(config, keys)
        guard architecture.isSound else {
            throw config.fault(
                keys.blocks, "or another size of the model is too large",
                remedy: NVTCArchitecture.limits)
        }
        try check(config, keys)
    }

    private static func stages(_ config: Config, _ keys: NVTCKeys) throws -> [NVTCArchitecture.Stage] {
        let all = [
            keys.factors, keys.layers, keys.widths, keys.units, keys.blocks, keys.codewords, keys.dimensions,
            keys.priorParameters, keys.priorLevels,
        ]
        let lists = all.map { config[$0] }
        let count = lists[0].count
        guard (1...8).contains(count) else {
            throw config.fault(keys.factors, "gives \(count) stages", remedy: "give 1 to 8 of them, such as [4, 2, 2]")
        }
        for (key, list) in zip(all, lists) where list.count != count {
            throw config.fault(
                key, "has \(list.count) entries, but \(keys.factors) has \(count)",
                remedy: "give one number for each of the \(count) stages, from the finest")
        }
        return (0..<count).map {
            NVTCArchitecture.Stage(
                factor: lists[0][$0], layers: lists[1][$0], width: lists[2][$0], units: lists[3][$0],
                block: lists[4][$0], codewords: lists[5][$0], dimension: lists[6][$0], priorParameters: lists[7][$0],
                priorLevels: lists[8][$0])
        }
    }

    private func check(_ config: Config, _ keys: NVTCKeys) throws {
        let stages = architecture.stages.count
        guard initialization.kind == .random || initialization.starts.count == stages else {
            throw config.fault(
                keys.starts, "has \(initialization.starts.count) entries for \(stages) stages",
                remedy: "give the first step of each stage, from the finest, such as [400, 200, 0]")
        }
        try config.requireWholeMicroBatches(batch: keys.batch, microBatch: keys.microBatch)
        let alignment = architecture.alignment
        guard crop % alignment == 0 else {
            throw config.fault(
                keys.crop, "\(crop) is not a multiple of \(alignment), the model's coarsest blocks in pixels",
                remedy: "use \(max(1, crop / alignment) * alignment)")
        }
    }
}

/// The images of an NVTC run, with a name for them.
package struct NVTCImages {
    /// The images themselves, of three channels or one.
    package var images: any ImageCollection
    /// What they are, in a few words that the record keeps: "24 images of kodak".
    package var name: String

    /// The images that a model is trained on.
    /// - Throws: `ConfigError` for a source that has no images, `LloydError` for images that cannot be used.
    package static func training(_ config: Config, _ opening: DataOpening = DataOpening()) throws -> NVTCImages {
        let keys = NVTCMethod.own
        let crop = config[keys.crop]
        switch config[Keys.data.source] {
        case .images:
            let path = try config.dataPath("a folder of PNG, JPEG, PGM or PPM images, or .tar files of them")
            let folder = try PhotoFolder(
                path, atLeast: crop, skippingSmaller: config[keys.skipSmaller],
                leavingOut: try config.damagedImages(path, opening))
            opening.tell(path, damaged: folder.damaged, turned: folder.turned)
            let left =
                (folder.skipped > 0 ? " (\(folder.skipped) smaller than a crop left out)" : "")
                + (folder.damaged.isEmpty ? "" : " (\(folder.damaged.count) damaged left out)")
            return NVTCImages(
                images: folder, name: "\(folder.count) images of \((path as NSString).lastPathComponent)\(left)")
        case .deadLeaves:
            let (width, height) = (config[Keys.data.width], config[Keys.data.height])
            guard min(width, height) >= crop else {
                throw config.fault(
                    keys.crop, "is \(crop), but the built-in images have \(width)x\(height) pixels",
                    remedy: "choose smaller crops, or set \(Keys.data.width) and \(Keys.data.height)")
            }
            let leaves = DeadLeaves(
                count: config[Keys.data.count], width: width, height: height, channels: 3, seed: config.seed)
            return NVTCImages(images: VectorImages(leaves), name: "\(leaves.count) built-in dead-leaves images")
        case .vectors, .gaussian:
            throw config.fault(
                Keys.data.source, "`\(config[Keys.data.source].rawValue)` has no images to crop",
                remedy: "use `images` with \(Keys.data.path), or `dead-leaves`")
        }
    }

    /// The images that models are measured on.
    /// - Throws: `LloydError` for images that cannot be used.
    package static func validation(_ config: Config, _ opening: DataOpening = DataOpening()) throws -> NVTCImages {
        let keys = NVTCMethod.own
        let most = config[keys.validationImages]
        guard let path = config[keys.validationPath] else {
            // Another seed: images that are not trained on.
            let leaves = DeadLeaves(
                count: min(most, 8), width: config[Keys.data.width], height: config[Keys.data.height], channels: 3,
                seed: config.seed &+ 0x5EED)
            return NVTCImages(
                images: VectorImages(leaves),
                name: "\(leaves.count) built-in dead-leaves images that were not trained on")
        }
        let folder = try PhotoFolder(path, first: most, leavingOut: try config.damagedImages(path, opening))
        opening.tell(path, damaged: folder.damaged, turned: folder.turned)
        return NVTCImages(
            images: folder, name: "\(folder.count) images of \((path as NSString).lastPathComponent)")
    }
}
