import MethodKit

/// The keys of NVTC, each with its type, range, default and meaning, and the setting that it fills.
struct NVTCKeys: KeyGroup {
    let lambdas = Key(
        "nvtc.lambdas", .positives(1e9),
        "A model for each: weight of the mean squared error against bits, both per sub-pixel. The first is "
            + "trained in full; each further one starts from the model before.",
        into: \NVTCSettings.lambdas)

    let factors = perStage("factors", \.factor, "Pixels along a side that are gathered into one.")
    let layers = perStage("layers", \.layers, "Quantization layers.")
    let widths = perStage("widths", \.width, "Channels.")
    let units = perStage(
        "units", \.units, "Vector transform units of a layer, in the encoder and in the decoder.")
    let blocks = perStage(
        "blocks", \.block, "Pixels along the side of a block, whose positions have a codebook each.")
    let codewords = perStage("codewords", \.codewords, "K of each codebook.")
    let dimensions = perStage("dimensions", \.dimension, "Components of a codeword.")
    let priorParameters = perStage(
        "prior-parameters", \.priorParameters, "Numbers from which a vector's probabilities follow.")
    let priorLevels = perStage(
        "prior-levels", \.priorLevels, "Entries of a table in the published model's files; not used.")
    let scalingBlocks = Key(
        "model.scaling-blocks", .integer(0...64), "3x3 residual blocks in the finest stage's scaling.",
        into: \NVTCSettings.architecture.scalingBlocks)
    let priorWidth = Key(
        "model.prior-width", .integer(size), "Width of the conditional entropy model's networks.",
        into: \NVTCSettings.architecture.priorWidth)
    let priorBlocks = Key(
        "model.prior-blocks", .integer(0...64), "Residual blocks in each of them.",
        into: \NVTCSettings.architecture.priorBlocks)
    let transform = Key(
        "model.transform", .choice,
        "`vector`: vector transform units; `convolution`: 3x3 residual blocks in their place (Table 4, A1).",
        into: \NVTCSettings.architecture.transform)

    let crop = Key(
        "data.crop", .integer(1...16384), "Height and width of training crops in pixels.", into: \NVTCSettings.crop)
    let skipSmaller = Key(
        "data.skip-smaller", .boolean, default: false,
        "Whether images smaller than a crop are left out; otherwise they are an error.")
    let prefetch = Key(
        "data.prefetch", prefetching,
        "Whether the next step's crops are cut out in the background, on a thread of its own for each rank; `auto`: "
            + "if ranks and threads leave a core of the machine free. Not part of the result.",
        into: \NVTCSettings.prefetching, isPartOfResult: false)
    let validationPath = Key(
        "validation.path", .optionalText, default: nil,
        "Images that models are measured on, whole, in a folder or in tar files as with data.path; null for built-in "
            + "ones that are not trained on.",
        namesData: { _ in true })
    let validationImages = Key(
        "validation.images", .integer(1...1_000_000), default: 24, "How many of them, at most.")

    let kind = Key(
        "initialization.kind", .choice,
        "`progressive`: stage by stage (Algorithm 1); `random`: everything at once (Table 4, A3).",
        into: \NVTCSettings.initialization.kind)
    let starts = Key(
        "initialization.starts", .integers(0...most),
        "The step from which each stage quantizes, from the finest stage.", into: \NVTCSettings.initialization.starts)
    let initializationSteps = Key(
        "initialization.steps", .integer(0...most),
        "The step from which rates count and the conditional entropy model is on.",
        into: \NVTCSettings.initialization.steps)
    let interval = Key(
        "initialization.interval", .integer(1...most),
        "Steps between reinitializations of codewords that are hardly used, and the window of their counts.",
        into: \NVTCSettings.initialization.interval)
    let leastShare = Key(
        "initialization.least-share", .real(0...1),
        "Share of a codebook's vectors below which a codeword is drawn anew.",
        into: \NVTCSettings.initialization.leastShare)
    let deviation = Key(
        "initialization.deviation", .real(0...1e6),
        "Standard deviation of what is added to the codeword it becomes a copy of.",
        into: \NVTCSettings.initialization.deviation)

    let steps = Key(
        "training.steps", .integer(1...most), "Gradient steps of the first lambda, initialization included.",
        into: \NVTCSettings.training.steps)
    let warmSteps = Key(
        "training.warm-steps", .integer(1...most), "Gradient steps of each further lambda.",
        into: \NVTCSettings.training.warmSteps)
    let learningRate = Key(
        "training.learning-rate", .positive(1e3), "Adam's learning rate.", into: \NVTCSettings.training.learningRate)
    let milestones = Key(
        "training.milestones", .reals(0...1),
        "Shares of the steps at which the learning rate is multiplied by training.decay.",
        into: \NVTCSettings.training.milestones)
    let decay = Key(
        "training.decay", .positive(1), "See training.milestones.", into: \NVTCSettings.training.decay)
    let batch = Key(
        "training.batch", .integer(1...65536), "Crops of a step.", into: \NVTCSettings.training.batch)
    let microBatch = Key(
        "training.micro-batch", .integer(1...65536),
        "Crops whose gradients a rank sums before they are exchanged; divides the batch. Part of the result.",
        into: \NVTCSettings.training.microBatch)
    let clipping = Key(
        "training.clipping", .optionalPositive(1e9), "The norm that the gradient is cut to; null for none.",
        into: \NVTCSettings.training.clipping)
    let quantizerWeight = Key(
        "training.quantizer-weight", .real(0...1e6),
        "Beta / lambda: weight of the quantizers' squared distances (Eq. 4).",
        into: \NVTCSettings.training.quantizerWeight)
    let rateConstrained = Key(
        "training.rate-constrained", .boolean,
        "Whether codewords are chosen with their rate; false for unconstrained VQ (Table 4, A2).",
        into: \NVTCSettings.training.rateConstrained)
    let logInterval = Key(
        "training.log-interval", .integer(1...most), "Steps between rows of metrics.",
        into: \NVTCSettings.training.logInterval)
    let validationInterval = Key(
        "training.validation-interval", .integer(0...most),
        "Steps between validations; 0 for one at the end of each lambda.",
        into: \NVTCSettings.training.validationInterval)

    /// Steps.
    private static let most = 1 << 40
    /// Sizes of a model.
    private static let size = 1...4096

    /// A list with a number for each stage, from which `NVTCSettings(_:)` makes the stages.
    private static func perStage(_ name: String, _ part: KeyPath<NVTCArchitecture.Stage, Int>, _ meaning: String)
        -> Key<[Int]>
    {
        Key(
            "model.\(name)", .integers(size), default: NVTCArchitecture.paper.stages.map { $0[keyPath: part] },
            meaning + " Of each stage, from the finest.")
    }

    /// `auto` for nil.
    private static let prefetching = Values<Bool?>(
        .choice(["auto", "on", "off"]), decode: { [.text("on"): true, .text("off"): false][$0] },
        encode: { $0.map { .text($0 ? "on" : "off") } ?? .text("auto") })

    init() {}
}
