import Datasets
import MethodKit
import Neural
import Numerics
import Training

/// What a gradient step of a toy-source study takes on one core of this machine: measured by doing some.
///
///     let cost = try GradientStepCost(settings: settings)
///     cost.operations                                         // forward and backward through both transforms
///     cost.microBatchSeconds + cost.updateSeconds
///
/// The model is NTC's; its steps stand for those of NT-VQ and NT-ECVQ too, whose transforms are the same.
struct GradientStepCost {
    /// Micro-batches of a step.
    let microBatches: Int
    /// Learned weights of the transforms' matrices: each takes a multiplication and an addition per sample forward, and
    /// twice as many backward.
    let weights: Int
    /// Floating-point operations of the matrix products of a step.
    let operations: Double
    /// The gradient and the step's sums, which ranks add.
    let statistics: StatisticsLayout
    /// What ranks add when a point of NTC is measured.
    let measurement: StatisticsLayout
    /// Forward and backward of one micro-batch, its samples and noise drawn.
    let microBatchSeconds: Double
    /// Adam's step, which every rank does.
    let updateSeconds: Double
    /// Parameters, Adam's two moments, the best start kept, and the coordinator's copies while a point is written.
    let modelBytes: Double
    /// What a thread keeps of its micro-batches between forward and backward, for both kinds of training.
    let threadBytes: Double

    /// - Parameter limit: seconds of measuring.
    /// - Throws: `LloydError.unusable` for transforms that do not fit into this machine's memory.
    init(settings: ToySettings, limit: Double = 0.5) throws {
        let (transform, dimension) = (settings.transform, settings.dimension)
        let width = transform.width
        let weights = 2 * (2 * dimension * width + 2 * transform.blocks * width * width)
        self.weights = weights
        microBatches = transform.batch / transform.microBatch
        operations = 6 * Double(weights) * Double(transform.batch)
        // Each block keeps its result, its activations and their derivative; the gradient of one layer is in work.
        let product = MemoryBudget.product(8 * transform.microBatch, width, 3 * transform.blocks + 3)
        try MemoryBudget.require(
            bytes: product.map { $0 + 24 * weights }, key: "transform.width", what: "a model of the transforms")
        let kept = product ?? .max
        let source = try ToySource(settings.source, dimension: dimension)
        let model = NTCModel(
            dimension: dimension,
            size: .init(width: width, blocks: transform.blocks, residualGain: Float(transform.residualGain)),
            densityScale: 1, densityRateFactor: Float(transform.densityRateFactor), seed: settings.seed)
        let replica = NTCReplica(
            model, rows: transform.microBatch, batch: transform.batch,
            samples: ToySamples(source, seed: settings.seed, set: .train), seed: settings.seed)
        replica.setObjective(lambda: transform.firstLambda)
        var descent = GradientDescent.Settings(
            steps: .max, microBatches: microBatches, schedule: LearningRateSchedule(peak: 1e-9))
        descent.clipping = transform.clipping
        let training = GradientDescent(parameters: model.parameters, settings: descent, replicas: [replica])
        statistics = training.layout
        measurement =
            NTCMeasurement(
                phase: "measure", replicas: [replica], samples: ToySamples(source, seed: settings.seed, set: .test),
                count: settings.testSamples, shards: 1, offsets: [Array(repeating: 0, count: dimension)],
                countsCells: true
            ).layout
        let (total, team, clock) = (Statistics(layout: training.layout), Team(threads: 1), ContinuousClock())
        let start = clock.now
        var (map, update) = (Double.infinity, Double.infinity)
        // Other programs only ever make a step slower; the first warms up.
        var step = 0
        while step < 4 || (clock.now - start).seconds < limit {
            let first = clock.now
            try training.map(shard: step % microBatches, worker: 0, into: total)
            let second = clock.now
            _ = try training.update(total, team: team)
            if step > 0 {
                (map, update) = (min(map, (second - first).seconds), min(update, (clock.now - second).seconds))
            }
            step += 1
        }
        (microBatchSeconds, updateSeconds) = (map, update)
        modelBytes = 24 * Double(model.parameters.count)
        threadBytes = 2 * Double(kept)
    }
}
