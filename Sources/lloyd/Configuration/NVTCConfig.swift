import Datasets
import Foundation
import NVTC

/// The keys of NVTC, and how they become its settings.
extension ConfigSchema {
    static let vectorTransformCoding: [ConfigKey] = nvtcModel + nvtcInitialization + nvtcTraining

    private static let defaults = NVTCSettings()
    private static let stages = NVTCArchitecture.paper.stages
    private static let most = 1 << 40
    private static let size = 1...4096

    private static func key(_ path: String, _ kind: ConfigKind, _ fallback: ConfigValue, _ meaning: String) -> ConfigKey
    {
        ConfigKey(path, kind, fallback, meaning, methods: [nvtc])
    }

    private static func perStage(_ path: String, _ fallback: [Int], _ meaning: String) -> ConfigKey {
        key("model.\(path)", .integers(size), .integers(fallback), meaning + " Of each stage, from the finest.")
    }

    private static let nvtcModel = [
        key(
            "nvtc.lambdas", .positives(1e9), .reals(defaults.lambdas),
            "A model for each: weight of the mean squared error against bits, both per sub-pixel. The first is "
                + "trained in full; each further one starts from the model before."),
        perStage("factors", stages.map(\.factor), "Pixels along a side that are gathered into one."),
        perStage("layers", stages.map(\.layers), "Quantization layers."),
        perStage("widths", stages.map(\.width), "Channels."),
        perStage("units", stages.map(\.units), "Vector transform units of a layer, in the encoder and in the decoder."),
        perStage(
            "blocks", stages.map(\.block), "Pixels along the side of a block, whose positions have a codebook each."),
        perStage("codewords", stages.map(\.codewords), "K of each codebook."),
        perStage("dimensions", stages.map(\.dimension), "Components of a codeword."),
        perStage(
            "prior-parameters", stages.map(\.priorParameters), "Numbers from which a vector's probabilities follow."),
        perStage(
            "prior-levels", stages.map(\.priorLevels), "Entries of a table in the published model's files; not used."),
        key(
            "model.scaling-blocks", .integer(0...64), .integer(NVTCArchitecture.paper.scalingBlocks),
            "3x3 residual blocks in the finest stage's scaling."),
        key(
            "model.prior-width", .integer(size), .integer(NVTCArchitecture.paper.priorWidth),
            "Width of the conditional entropy model's networks."),
        key(
            "model.prior-blocks", .integer(0...64), .integer(NVTCArchitecture.paper.priorBlocks),
            "Residual blocks in each of them."),
        key(
            "model.transform", .choice(NVTCArchitecture.Transform.allCases.map(\.rawValue)), .text("vector"),
            "`vector`: vector transform units; `convolution`: 3x3 residual blocks in their place (Table 4, A1)."),
        key("data.crop", .integer(1...16384), .integer(defaults.crop), "Height and width of training crops in pixels."),
        key(
            "data.skip-smaller", .boolean, .boolean(false),
            "Whether images smaller than a crop are left out; otherwise they are an error."),
        key(
            "validation.path", .optionalText, .none,
            "Images that models are measured on, whole, in a folder or in tar files as with data.path; null for built-in "
                + "ones that are not trained on."),
        ConfigKey(
            "data.prefetch", .choice(["auto", "on", "off"]), .text("auto"),
            "Whether the next step's crops are cut out in the background, on a thread of its own for each rank; `auto`: "
                + "where ranks and threads leave a core of the machine free. Not part of the result.", methods: [nvtc],
            isPartOfResult: false),
        key("validation.images", .integer(1...1_000_000), .integer(24), "How many of them, at most."),
    ]

    private static let nvtcInitialization = [
        key(
            "initialization.kind", .choice(NVTCSettings.Initialization.Kind.allCases.map(\.rawValue)),
            .text("progressive"),
            "`progressive`: stage by stage (Algorithm 1); `random`: everything at once (Table 4, A3)."),
        key(
            "initialization.starts", .integers(0...most), .integers(defaults.initialization.starts),
            "The step from which each stage quantizes, from the finest stage."),
        key(
            "initialization.steps", .integer(0...most), .integer(defaults.initialization.steps),
            "The step from which rates count and the conditional entropy model is on."),
        key(
            "initialization.interval", .integer(1...most), .integer(defaults.initialization.interval),
            "Steps between reinitializations of codewords that are hardly used, and the window of their counts."),
        key(
            "initialization.least-share", .real(0...1), .real(defaults.initialization.leastShare),
            "Share of a codebook's vectors below which a codeword is drawn anew."),
        key(
            "initialization.deviation", .real(0...1e6), .real(defaults.initialization.deviation),
            "Standard deviation of what is added to the codeword it becomes a copy of."),
    ]

    private static let nvtcTraining = [
        key(
            "training.steps", .integer(1...most), .integer(defaults.training.steps),
            "Gradient steps of the first lambda, initialization included."),
        key(
            "training.warm-steps", .integer(1...most), .integer(defaults.training.warmSteps),
            "Gradient steps of each further lambda."),
        key("training.learning-rate", .positive(1e3), .real(defaults.training.learningRate), "Adam's learning rate."),
        key(
            "training.milestones", .reals(0...1), .reals(defaults.training.milestones),
            "Shares of the steps at which the learning rate is multiplied by training.decay."),
        key("training.decay", .positive(1), .real(defaults.training.decay), "See training.milestones."),
        key("training.batch", .integer(1...65536), .integer(defaults.training.batch), "Crops of a step."),
        key(
            "training.micro-batch", .integer(1...65536), .integer(defaults.training.microBatch),
            "Crops whose gradients a rank sums before they are exchanged; divides the batch. Part of the result."),
        key("training.clipping", .optionalPositive(1e9), .none, "The norm that the gradient is cut to; null for none."),
        key(
            "training.quantizer-weight", .real(0...1e6), .real(defaults.training.quantizerWeight),
            "Beta / lambda: weight of the quantizers' squared distances (Eq. 4)."),
        key(
            "training.rate-constrained", .boolean, .boolean(true),
            "Whether codewords are chosen with their rate; false for unconstrained VQ (Table 4, A2)."),
        key(
            "training.log-interval", .integer(1...most), .integer(defaults.training.logInterval),
            "Steps between rows of metrics."),
        key(
            "training.validation-interval", .integer(0...most), .integer(defaults.training.validationInterval),
            "Steps between validations; 0 for one at the end of each lambda."),
    ]
}

extension Config {
    /// The settings of an NVTC run.
    /// - Throws: `ConfigError` for keys that do not fit together.
    func makeNVTCSettings() throws -> NVTCSettings {
        var result = NVTCSettings()
        result.title = text("title")
        result.seed = seed
        result.lambdas = reals("nvtc.lambdas")
        try checkList("nvtc.lambdas", result.lambdas, remedy: "give one lambda or more, such as [256, 64]")
        result.architecture = try makeArchitecture()
        result.crop = integer("data.crop")
        result.pictures = integer("report.pictures")
        result.prefetching = ["on": true, "off": false][text("data.prefetch")]

        result.initialization.kind = .init(rawValue: text("initialization.kind"))!
        result.initialization.starts = integers("initialization.starts")
        result.initialization.steps = integer("initialization.steps")
        result.initialization.interval = integer("initialization.interval")
        result.initialization.leastShare = real("initialization.least-share")
        result.initialization.deviation = real("initialization.deviation")

        result.training.steps = integer("training.steps")
        result.training.warmSteps = integer("training.warm-steps")
        result.training.learningRate = real("training.learning-rate")
        result.training.milestones = reals("training.milestones")
        result.training.decay = real("training.decay")
        result.training.batch = integer("training.batch")
        result.training.microBatch = integer("training.micro-batch")
        result.training.clipping = optionalReal("training.clipping")
        result.training.quantizerWeight = real("training.quantizer-weight")
        result.training.rateConstrained = boolean("training.rate-constrained")
        result.training.logInterval = integer("training.log-interval")
        result.training.validationInterval = integer("training.validation-interval")
        try check(result)
        return result
    }

    private func makeArchitecture() throws -> NVTCArchitecture {
        let keys = [
            "factors", "layers", "widths", "units", "blocks", "codewords", "dimensions", "prior-parameters",
            "prior-levels",
        ].map { "model.\($0)" }
        let lists = keys.map { integers($0) }
        let count = lists[0].count
        guard (1...8).contains(count) else {
            throw fault("model.factors", "gives \(count) stages", remedy: "give 1 to 8 of them, such as [4, 2, 2]")
        }
        for (key, list) in zip(keys, lists) where list.count != count {
            throw fault(
                key, "has \(list.count) entries, but model.factors has \(count)",
                remedy: "give one number for each of the \(count) stages, from the finest")
        }
        var result = NVTCArchitecture(
            stages: (0..<count).map {
                NVTCArchitecture.Stage(
                    factor: lists[0][$0], layers: lists[1][$0], width: lists[2][$0], units: lists[3][$0],
                    block: lists[4][$0], codewords: lists[5][$0], dimension: lists[6][$0],
                    priorParameters: lists[7][$0],
                    priorLevels: lists[8][$0])
            })
        result.scalingBlocks = integer("model.scaling-blocks")
        result.priorWidth = integer("model.prior-width")
        result.priorBlocks = integer("model.prior-blocks")
        result.transform = .init(rawValue: text("model.transform"))!
        guard result.isSound else {
            throw fault(
                "model.blocks", "or another size of the model is too large",
                remedy: "use blocks and factors of at most 16, and at most 64 layers and units")
        }
        return result
    }

    private func check(_ settings: NVTCSettings) throws {
        let stages = settings.architecture.stages.count
        guard settings.initialization.kind == .random || settings.initialization.starts.count == stages else {
            throw fault(
                "initialization.starts", "has \(settings.initialization.starts.count) entries for \(stages) stages",
                remedy: "give the first step of each stage, from the finest, such as [400, 200, 0]")
        }
        try requireWholeMicroBatches(section: "training")
        let alignment = settings.architecture.alignment
        guard settings.crop % alignment == 0 else {
            throw fault(
                "data.crop",
                "\(settings.crop) is not a multiple of \(alignment), the model's coarsest blocks in pixels",
                remedy: "use \(max(1, settings.crop / alignment) * alignment)")
        }
    }

    /// The images that a model is trained on.
    /// - Throws: `ConfigError` for a source that has no images, `DatasetError` for images that cannot be used.
    func makeTrainingImages(
        _ search: DamagedImageSearch = DamagedImageSearch()
    ) throws -> (images: any ImageCollection, name: String) {
        let crop = integer("data.crop")
        switch text("data.source") {
        case "images":
            let path = try dataPath("a folder of PNG, JPEG, PGM or PPM images, or .tar files of them")
            let folder = try PhotoFolder(
                path, atLeast: crop, skippingSmaller: boolean("data.skip-smaller"),
                leavingOut: try damagedImages(path, search))
            let left =
                (folder.skipped > 0 ? " (\(folder.skipped) smaller than a crop left out)" : "")
                + (folder.damaged.isEmpty ? "" : " (\(folder.damaged.count) damaged left out)")
            return (folder, "\(folder.count) images of \((path as NSString).lastPathComponent)\(left)")
        case "dead-leaves":
            let (width, height) = (integer("data.width"), integer("data.height"))
            guard min(width, height) >= crop else {
                throw fault(
                    "data.crop", "is \(crop), but the built-in images have \(width)x\(height) pixels",
                    remedy: "choose smaller crops, or set data.width and data.height")
            }
            let leaves = DeadLeaves(
                count: integer("data.count"), width: width, height: height, channels: 3, seed: seed)
            return (VectorImages(leaves), "\(leaves.count) built-in dead-leaves images")
        default:
            throw fault(
                "data.source", "`\(text("data.source"))` has no images to crop",
                remedy: "use `images` with data.path, or `dead-leaves`")
        }
    }

    /// The images that models are measured on.
    func makeValidationImages(
        _ search: DamagedImageSearch = DamagedImageSearch()
    ) throws -> (images: any ImageCollection, name: String) {
        let most = integer("validation.images")
        guard let path = optionalText("validation.path") else {
            // Another seed: images that are not trained on.
            let leaves = DeadLeaves(
                count: min(most, 8), width: integer("data.width"), height: integer("data.height"), channels: 3,
                seed: seed &+ 0x5EED)
            return (VectorImages(leaves), "\(leaves.count) built-in dead-leaves images that were not trained on")
        }
        let folder = try PhotoFolder(path, first: most, leavingOut: try damagedImages(path, search))
        return (folder, "\(folder.count) images of \((path as NSString).lastPathComponent)")
    }
}
