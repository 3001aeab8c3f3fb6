import Neural

/// What an NVTC run is asked to do.
///
///     var settings = NVTCSettings()
///     settings.lambdas = [256, 64]                            // the second model starts from the first
///     settings.training.steps = 20_000
///
/// Defaults are the paper's, unless a comment says otherwise.
public struct NVTCSettings: Sendable {
    /// How the codebooks come into being (Algorithm 1).
    public struct Initialization: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            /// Stage by stage, without rate, codewords that are not used drawn anew.
            case progressive
            /// Everything at once from random weights (Table 4, A3).
            case random
        }

        public var kind = Kind.progressive
        /// By stage, from the finest: the step from which its layers quantize.
        public var starts = [400_000, 200_000, 0]
        /// The step from which rates count and the conditional entropy model is on.
        public var steps = 600_000
        /// Steps between reinitializations; usage is counted over as many.
        public var interval = 10_000
        /// Share of a codebook's vectors below which a codeword is drawn anew.
        public var leastShare = 1e-6
        /// Standard deviation of what is added to the codeword it becomes a copy of.
        public var deviation = 0.01

        public init() {}
    }

    public struct Training: Sendable, Equatable {
        /// Steps of the first lambda, initialization included.
        public var steps = 2_000_000
        /// Steps of each further lambda, which starts from the model before (not the paper's way: it trains each anew).
        public var warmSteps = 500_000
        public var learningRate = 1e-4
        /// Shares of the steps at which the learning rate is multiplied by `decay`.
        public var milestones = [0.8]
        public var decay = 0.1
        /// Images of a step.
        public var batch = 8
        /// Images of a micro-batch, whose gradients are summed before the reduction (not the paper's: it has no ranks).
        public var microBatch = 1
        /// The norm that the gradient is cut to; nil for no clipping, as in the paper.
        public var clipping: Double?
        /// Beta / lambda: the weight of the quantizers' squared distances (Eq. 4).
        public var quantizerWeight = 1.0
        /// Whether codewords are chosen with their rate (Table 4, A2 without).
        public var rateConstrained = true
        /// Steps between rows of metrics.
        public var logInterval = 100
        /// Steps between validations; 0 for one at the end of each lambda only.
        public var validationInterval = 0

        public init() {}
    }

    public var title = "NVTC"
    public var seed: UInt64 = 1
    public var architecture = NVTCArchitecture.paper
    /// Each gives a model; every one but the first starts from the one before.
    public var lambdas: [Double] = [256]
    /// Height and width of training crops.
    public var crop = 256
    public var initialization = Initialization()
    public var training = Training()
    /// The first validation images that are kept as pictures, with their reconstructions.
    public var pictures = 0

    /// Whether crops of the next step are cut out in the background; nil where a core is left for it. Not part of the result.
    public var prefetching: Bool?

    public init() {}

    /// What is on at a step.
    func phase(step: Int, isFirst: Bool) -> NVTCPhase {
        let constrained = training.rateConstrained
        guard isFirst, initialization.kind == .progressive, step < initialization.steps else {
            return NVTCPhase(
                architecture, quantized: architecture.stages.map { _ in true }, rateConstrained: constrained,
                conditional: true)
        }
        return NVTCPhase(
            architecture, quantized: initialization.starts.map { step >= $0 }, rateConstrained: false,
            conditional: false)
    }

    /// Steps of a lambda's training.
    func steps(isFirst: Bool) -> Int { isFirst ? training.steps : training.warmSteps }

    var schedule: LearningRateSchedule {
        LearningRateSchedule(
            peak: training.learningRate,
            shape: .milestones(training.milestones.map { .init(share: $0, factor: training.decay) }))
    }
}
