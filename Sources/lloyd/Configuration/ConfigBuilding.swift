import Datasets
import Foundation
import RRQ
import Training

/// From config keys to the settings of a recipe.
extension Config {
    /// The data that the config names.
    /// - Throws: `ConfigError` for keys that do not fit together, `DatasetError` for data that cannot be used.
    ///
    /// - Parameter search: finds damaged images where they are to be left out.
    func makeSource(_ search: DamagedImageSearch = DamagedImageSearch()) throws -> any VectorSource {
        switch text("data.source") {
        case "images":
            let colour: ImageFolder.Colour = text("data.colour") == "rgb" ? .rgb : .grey
            let path = try dataPath("a folder of PNG, JPEG, PGM or PPM images, or .tar files of them")
            return try ImageFolder(path, colour: colour, leavingOut: try damagedImages(path, search))
        case "vectors":
            let path = try dataPath("an .npy or .fvecs file")
            return (path as NSString).pathExtension.lowercased() == "npy"
                ? try NumPyVectors(path) : try FVecsVectors(path)
        case "gaussian":
            return VarianceDecayingGaussian(
                count: integer("data.count"), dimension: integer("data.dimension"), decay: real("data.decay"),
                seed: seed)
        default:
            return DeadLeaves(
                count: integer("data.count"), width: integer("data.width"), height: integer("data.height"),
                channels: text("data.colour") == "rgb" ? 3 : 1, seed: seed)
        }
    }

    /// The images that `data.damaged` leaves out of a data set.
    func damagedImages(_ path: String, _ search: DamagedImageSearch) throws -> [DamagedImage] {
        text("data.damaged") == "skip" ? try search.damaged(of: path) : []
    }

    var seed: UInt64 { UInt64(integer("seed")) }

    func dataPath(_ what: String) throws -> String {
        guard let path = optionalText("data.path") else {
            throw fault(
                "data.path", "is not set, but data.source is `\(text("data.source"))`",
                remedy: "name \(what): --set data.path=/path/to/it")
        }
        return path
    }

    /// When checkpoints are written.
    func makeCheckpointSchedule() -> CheckpointWriter.Schedule {
        let steps = integer("checkpoint.steps")
        return CheckpointWriter.Schedule(
            steps: steps > 0 ? steps : nil, minutes: optionalReal("checkpoint.minutes"),
            kept: integer("checkpoint.kept"))
    }

    /// The settings of an RRQ run.
    func makeRRQSettings() throws -> RRQRecipe.Settings {
        var result = RRQRecipe.Settings()
        result.seed = seed
        result.testFraction = real("data.test-fraction")
        result.groupByFolder = boolean("data.group-by-folder")
        result.preprocessing.cosine = boolean("preprocessing.cosine")
        result.preprocessing.principalComponents = boolean("preprocessing.principal-components")
        result.preprocessing.bandSize = integer("preprocessing.band-size")
        result.training.layers = integer("rrq.layers")
        result.training.codewords = integer("rrq.codewords")
        result.training.lambda = real("rrq.lambda")
        result.training.lambdaUnit = .init(rawValue: text("rrq.lambda-unit"))!
        result.training.iterations = integer("rrq.iterations")
        result.training.initialization = .init(rawValue: text("rrq.initialization"))!
        result.training.snapshots = Set(
            integers("report.snapshots").filter { $0 <= result.training.layers } + [result.training.layers])
        result.comparisonLayers = integer("comparison.kmeans-layers")
        result.pictures = integer("report.pictures")
        result.memoryBudget = optionalReal("data.memory").map { Int($0 * Double(1 << 20)) }
        result.scratchFolder = optionalText("data.scratch")
        let factor = integer("super-resolution.factor")
        guard factor > 0 else { return result }
        guard factor >= 2 else {
            throw fault("super-resolution.factor", "found 1", remedy: "give 0 for none, or at least 2")
        }
        guard result.testFraction > 0 else {
            throw fault(
                "super-resolution.factor", "needs test images, but data.test-fraction is 0",
                remedy: "set data.test-fraction, such as 0.2")
        }
        guard result.preprocessing.cosine else {
            throw fault(
                "super-resolution.factor", "needs frequencies, but preprocessing.cosine is false",
                remedy: "set preprocessing.cosine to true")
        }
        result.superResolutionFactor = factor
        result.calibrationFraction = real("super-resolution.held-out")
        return result
    }

    /// The settings of a codebook study.
    func makeStudySettings() throws -> CodebookStudy.Settings {
        var result = CodebookStudy.Settings()
        result.seed = seed
        result.trials = integer("study.trials")
        result.trainCount = integer("study.train-count")
        result.testCount = integer("study.test-count")
        result.dimension = integer("data.dimension")
        result.decay = real("data.decay")
        result.codewords = integer("study.codewords")
        result.lambdas = reals("study.lambdas")
        result.iterations = integer("study.iterations")
        result.initialization = .init(rawValue: text("study.initialization"))!
        guard result.trainCount >= result.codewords else {
            throw fault(
                "study.codewords", "\(result.codewords) codewords cannot be learned from \(result.trainCount) vectors",
                remedy: "use at most \(result.trainCount) codewords, or raise study.train-count")
        }
        return result
    }

    /// Whether every rank would have something to do, asked before anything is trained.
    /// - Throws: `ConfigError` for more ranks than shards, or than micro-batches where transforms are trained.
    func requireWork(forRanks ranks: Int) throws {
        let shards = integer("shards")
        guard ranks <= shards else {
            throw fault(
                "shards", "\(ranks) ranks cannot share \(Self.count(shards, "shard")): some would have nothing to do",
                remedy:
                    "start at most \(Self.count(shards, "rank")), or raise it to \(ranks) or more (it is part of the result)"
            )
        }
        if text("method") == ConfigSchema.toy { try requireMicroBatches(forRanks: ranks) }
        if text("method") == ConfigSchema.nvtc {
            try requireMicroBatches(forRanks: ranks, section: "training", items: "crops")
        }
    }

    /// - Throws: `ConfigError` where the keys `SECTION.batch` and `SECTION.micro-batch` give a gradient step fewer
    ///   micro-batches than there are ranks.
    func requireMicroBatches(forRanks ranks: Int, section: String, items: String) throws {
        let (batch, micro) = (integer("\(section).batch"), integer("\(section).micro-batch"))
        guard ranks > batch / micro else { return }
        let smaller = (1...max(1, batch / ranks)).last { batch % $0 == 0 }!
        let advice = batch >= ranks ? "set it to \(smaller), or " : ""
        throw fault(
            "\(section).micro-batch",
            "\(ranks) ranks cannot share \(Self.count(batch / micro, "micro-batch", "micro-batches")) of a gradient step "
                + "(\(micro) of the \(batch) \(items) of \(section).batch): some would have nothing to do",
            remedy: "start at most \(Self.count(batch / micro, "rank")), or \(advice)raise \(section).batch to "
                + "\(ranks * micro) (both are part of the result)")
    }

    /// - Throws: `ConfigError` where `SECTION.micro-batch` does not divide `SECTION.batch`.
    func requireWholeMicroBatches(section: String) throws {
        let (batch, micro) = (integer("\(section).batch"), integer("\(section).micro-batch"))
        guard batch % micro != 0 else { return }
        let divisor = (1...min(batch, micro)).last { batch % $0 == 0 }!
        throw fault(
            "\(section).micro-batch", "\(micro) does not divide \(section).batch, \(batch)",
            remedy: "use \(divisor), or a batch of \((batch / micro + 1) * micro)")
    }

    /// A number with its noun: "1 shard", "2 shards".
    static func count(_ number: Int, _ one: String, _ several: String? = nil) -> String {
        "\(number) \(number == 1 ? one : several ?? one + "s")"
    }
}
