import Neural

/// What an NVTC run is asked to do.
///
///     var settings = NVTCSettings()
///     settings.lambdas = [256, 64]                            // the second model starts from the first
///     settings.training.steps = 20_000
///
/// Defaults are the paper's, unless a comment says otherwise.
package struct NVTCSettings: Sendable {
    /// How the codebooks come into being (Algorithm 1).
    package struct Initialization: Sendable, Equatable {
        /// Whether stages come one after the other.
        package enum Kind: String, Sendable, CaseIterable {
            /// Stage by stage, without rate, codewords that are not used drawn anew.
            case progressive
            /// Everything at once from random weights (Table 4, A3).
            case random
        }

        /// The way of initialization.
        package var kind = Kind.progressive
        /// By stage, from the finest: the step from which its layers quantize.
        package var starts = [400_000, 200_000, 0]
        /// The step from which rates count and the conditional entropy model is on.
        package var steps = 600_000
        /// Steps between reinitializations; usage is counted over as many.
        package var interval = 10_000
        /// Share of a codebook's vectors below which a codeword is drawn anew, in 0...1.
        package var leastShare = 1e-6
        /// Standard deviation of what is added to the codeword it becomes a copy of.
        package var deviation = 0.01

        /// The paper's way.
        package init() {}
    }

    /// How the models are trained.
    package struct Training: Sendable, Equatable {
        /// Steps of the first lambda, initialization included.
        package var steps = 2_000_000
        /// Steps of each further lambda, which starts from the model before (not the paper's way: it trains each anew).
        package var warmSteps = 500_000
        /// Adam's, before the first milestone.
        package var learningRate = 1e-4
        /// Shares of the steps, in 0...1, at which the learning rate is multiplied by `decay`.
        package var milestones = [0.8]
        /// What the learning rate is multiplied by at each milestone, in 0...1.
        package var decay = 0.1
        /// Crops of a step.
        package var batch = 8
        /// Crops of a micro-batch, whose gradients are summed before the reduction (not the paper's: it has no ranks).
        package var microBatch = 1
        /// The norm that the gradient is cut to; nil for no clipping, as in the paper.
        package var clipping: Double?
        /// Beta / lambda: the weight of the quantizers' squared distances (Eq. 4).
        package var quantizerWeight = 1.0
        /// Whether codewords are chosen with their rate (Table 4, A2 without).
        package var rateConstrained = true
        /// Steps between rows of metrics.
        package var logInterval = 100
        /// Steps between validations; 0 for one at the end of each lambda only.
        package var validationInterval = 0

        /// The paper's way.
        package init() {}
    }

    /// What reports call the run.
    package var title = "NVTC"
    /// All random numbers follow from it: weights, crops, codewords drawn anew.
    package var seed: UInt64 = 1
    /// The sizes of all models.
    package var architecture = NVTCArchitecture.paper
    /// Weights of the mean squared error against bits, both per sub-pixel. Each gives a model, in this order; every one
    /// but the first starts from the one before.
    package var lambdas: [Double] = [256]
    /// Height and width of training crops in pixels; a multiple of the architecture's alignment.
    package var crop = 256
    /// How the codebooks of the first model come into being.
    package var initialization = Initialization()
    /// How all models are trained.
    package var training = Training()
    /// The first validation images that are kept as pictures, with their reconstructions.
    package var pictures = 0

    /// Whether crops of the next step are cut out in the background; nil decides by whether a core is left for it. Not
    /// part of the result.
    package var prefetching: Bool?

    /// The paper's model and training for a single lambda.
    package init() {}

    /// What the training of a lambda starts from.
    package enum Start: Sendable, Equatable {
        /// Random weights: the training includes the initialization of the codebooks.
        case newWeights
        /// The model of the lambda before.
        case trainedModel
    }

    /// What the lambda of that index starts from.
    func start(_ index: Int) -> Start { index == 0 ? .newWeights : .trainedModel }

    /// What is on at a step of a lambda's training, counted from 0.
    func phase(step: Int, from start: Start) -> NVTCPhase {
        let constrained = training.rateConstrained
        guard start == .newWeights, initialization.kind == .progressive, step < initialization.steps else {
            return NVTCPhase(
                architecture, quantized: architecture.stages.map { _ in true }, rateConstrained: constrained,
                conditional: true)
        }
        return NVTCPhase(
            architecture, quantized: initialization.starts.map { step >= $0 }, rateConstrained: false,
            conditional: false)
    }

    /// Steps of a lambda's training.
    func steps(from start: Start) -> Int { start == .newWeights ? training.steps : training.warmSteps }

    /// Of the learning rate, over a lambda's steps.
    var schedule: LearningRateSchedule {
        LearningRateSchedule(
            peak: training.learningRate,
            shape: .milestones(training.milestones.map { .init(share: $0, factor: training.decay) }))
    }
}
