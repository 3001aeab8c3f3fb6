import MethodKit

/// The keys of NVTC.
public struct NVTCKeys: KeyGroup {
    public let lambdas = Key(
        "nvtc.lambdas", .positives(1e9),
        "A model for each: weight of the mean squared error against bits, both per sub-pixel. The first is "
            + "trained in full; each further one starts from the model before.",
        into: \NVTCSettings.lambdas)

    public let factors = perStage("factors", \.factor, "Pixels along a side that are gathered into one.")
    public let layers = perStage("layers", \.layers, "Quantization layers.")
    public let widths = perStage("widths", \.width, "Channels.")
    public let units = perStage(
        "units", \.units, "Vector transform units of a layer, in the encoder and in the decoder.")
    public let blocks = perStage(
        "blocks", \.block, "Pixels along the side of a block, whose positions have a codebook each.")
    public let codewords = perStage("codewords", \.codewords, "K of each codebook.")
    public let dimensions = perStage("dimensions", \.dimension, "Components of a codeword.")
    public let priorParameters = perStage(
        "prior-parameters", \.priorParameters, "Numbers from which a vector's probabilities follow.")
    public let priorLevels = perStage(
        "prior-levels", \.priorLevels, "Entries of a table in the published model's files; not used.")
    public let scalingBlocks = Key(
        "model.scaling-blocks", .integer(0...64), "3x3 residual blocks in the finest stage's scaling.",
        into: \NVTCSettings.architecture.scalingBlocks)
    public let priorWidth = Key(
        "model.prior-width", .integer(size), "Width of the conditional entropy model's networks.",
        into: \NVTCSettings.architecture.priorWidth)
    public let priorBlocks = Key(
        "model.prior-blocks", .integer(0...64), "Residual blocks in each of them.",
        into: \NVTCSettings.architecture.priorBlocks)
    public let transform = Key(
        "model.transform", .choice,
        "`vector`: vector transform units; `convolution`: 3x3 residual blocks in their place (Table 4, A1).",
        into: \NVTCSettings.architecture.transform)

    public let crop = Key(
        "data.crop", .integer(1...16384), "Height and width of training crops in pixels.", into: \NVTCSettings.crop)
    public let skipSmaller = Key(
        "data.skip-smaller", .boolean, default: false,
        "Whether images smaller than a crop are left out; otherwise they are an error.")
    public let prefetch = Key(
        "data.prefetch", prefetching,
        "Whether the next step's crops are cut out in the background, on a thread of its own for each rank; `auto`: "
            + "where ranks and threads leave a core of the machine free. Not part of the result.",
        into: \NVTCSettings.prefetching, isPartOfResult: false)
    public let validationPath = Key(
        "validation.path", .optionalText, default: nil,
        "Images that models are measured on, whole, in a folder or in tar files as with data.path; null for built-in "
            + "ones that are not trained on.",
        namesData: { _ in true })
    public let validationImages = Key(
        "validation.images", .integer(1...1_000_000), default: 24, "How many of them, at most.")

    public let kind = Key(
        "initialization.kind", .choice,
        "`progressive`: stage by stage (Algorithm 1); `random`: everything at once (Table 4, A3).",
        into: \NVTCSettings.initialization.kind)
    public let starts = Key(
        "initialization.starts", .integers(0...most),
        "The step from which each stage quantizes, from the finest stage.", into: \NVTCSettings.initialization.starts)
    public let initializationSteps = Key(
        "initialization.steps", .integer(0...most),
        "The step from which rates count and the conditional entropy model is on.",
        into: \NVTCSettings.initialization.steps)
    public let interval = Key(
        "initialization.interval", .integer(1...most),
        "Steps between reinitializations of codewords that are hardly used, and the window of their counts.",
        into: \NVTCSettings.initialization.interval)
    public let leastShare = Key(
        "initialization.least-share", .real(0...1),
        "Share of a codebook's vectors below which a codeword is drawn anew.",
        into: \NVTCSettings.initialization.leastShare)
    public let deviation = Key(
        "initialization.deviation", .real(0...1e6),
        "Standard deviation of what is added to the codeword it becomes a copy of.",
        into: \NVTCSettings.initialization.deviation)

    public let steps = Key(
        "training.steps", .integer(1...most), "Gradient steps of the first lambda, initialization included.",
        into: \NVTCSettings.training.steps)
    public let warmSteps = Key(
        "training.warm-steps", .integer(1...most), "Gradient steps of each further lambda.",
        into: \NVTCSettings.training.warmSteps)
    public let learningRate = Key(
        "training.learning-rate", .positive(1e3), "Adam's learning rate.", into: \NVTCSettings.training.learningRate)
    public let milestones = Key(
        "training.milestones", .reals(0...1),
        "Shares of the steps at which the learning rate is multiplied by training.decay.",
        into: \NVTCSettings.training.milestones)
    public let decay = Key(
        "training.decay", .positive(1), "See training.milestones.", into: \NVTCSettings.training.decay)
    public let batch = Key(
        "training.batch", .integer(1...65536), "Crops of a step.", into: \NVTCSettings.training.batch)
    public let microBatch = Key(
        "training.micro-batch", .integer(1...65536),
        "Crops whose gradients a rank sums before they are exchanged; divides the batch. Part of the result.",
        into: \NVTCSettings.training.microBatch)
    public let clipping = Key(
        "training.clipping", .optionalPositive(1e9), "The norm that the gradient is cut to; null for none.",
        into: \NVTCSettings.training.clipping)
    public let quantizerWeight = Key(
        "training.quantizer-weight", .real(0...1e6),
        "Beta / lambda: weight of the quantizers' squared distances (Eq. 4).",
        into: \NVTCSettings.training.quantizerWeight)
    public let rateConstrained = Key(
        "training.rate-constrained", .boolean,
        "Whether codewords are chosen with their rate; false for unconstrained VQ (Table 4, A2).",
        into: \NVTCSettings.training.rateConstrained)
    public let logInterval = Key(
        "training.log-interval", .integer(1...most), "Steps between rows of metrics.",
        into: \NVTCSettings.training.logInterval)
    public let validationInterval = Key(
        "training.validation-interval", .integer(0...most),
        "Steps between validations; 0 for one at the end of each lambda.",
        into: \NVTCSettings.training.validationInterval)

    private static let most = 1 << 40
    private static let size = 1...4096

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

    public init() {}
}
