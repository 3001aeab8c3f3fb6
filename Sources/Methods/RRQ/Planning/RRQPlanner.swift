import Codec
import Datasets
import Foundation
import ImageMetrics
import MethodKit
import Numerics
import Quantization
import Training

/// Plans an RRQ run: opens the data, samples it, measures the kernels at the run's shapes, and adds up.
///
///     let planner = try RRQPlanner(settings: settings, source: source, baseBytes: 3e7)
///     let layout = try RankLayout(ranks: 4, threads: 1, machines: 1, shards: 64, cores: 4, network: 1e9)
///     planner.plan(layout).seconds
///     planner.peakBytes(layout)                               // costs nothing, for any number of ranks
///
/// Source data are read for the sample only.
struct RRQPlanner: Planner {
    let settings: RRQRecipe.Settings
    let dimension: Int
    let shape: ImageShape?
    /// What the run will hold.
    let inventory: VectorInventory
    let bands: [Range<Int>]
    /// Estimated active dimensions of each layer.
    let actives: [Int]
    let sampled: Int
    let rates: MachineRates
    let times: KernelTimes
    private let itemSeconds: Double
    private let viewSeconds: Double
    private let inverseSeconds: Double
    private let similaritySeconds: Double
    private let eigenSeconds: Double
    /// Memory of the program before it reads any data, MPI's own included.
    let baseBytes: Double

    /// - Parameters:
    ///   - baseBytes: memory of the program itself.
    ///   - sample: the most items that are read.
    /// - Throws: `LloydError` for data that the run could not use; `LloydError.unusable` for too few training items.
    init(
        settings: RRQRecipe.Settings, source: any VectorSource, baseBytes: Double, sample most: Int = 200
    ) throws {
        self.settings = settings
        self.baseBytes = baseBytes
        let (dimension, shape) = (source.dimension, source.imageShape)
        (self.dimension, self.shape) = (dimension, shape)
        // The split lists all items; the sample takes a few of them whole.
        try MemoryBudget.require(
            bytes: MemoryBudget.product(source.count, 32), key: "data.count", what: "the list of items")
        let split = try settings.split(source)
        let heldOut = try settings.heldOutSplit(of: split.train.count, name: source.name)?.test.count ?? 0
        let train = split.train.count - heldOut
        inventory = VectorInventory(
            settings: settings, dimension: dimension, isImage: shape != nil, train: train, test: split.test.count,
            heldOut: heldOut)
        guard train >= settings.training.codewords else {
            throw LloydError.unusable(
                key: "rrq.codewords",
                problem: "\(settings.training.codewords) codewords cannot be learned from \(train) training vectors",
                remedy: "use at most \(train) codewords, or more training data")
        }
        let transform = try settings.makeTransform(shape: shape, dimension: dimension)
        bands = transform.subbands.bands
        let side = Subset(source, indices: split.train, name: "training set")
        let sample = try DataSample(side, transform: transform, most: most, seed: settings.seed)
        sampled = sample.count
        actives =
            LayerForecast(
                variances: sample.variances, layers: settings.training.layers, codewords: settings.training.codewords
            ).actives
        guard !actives.isEmpty else {
            throw LloydError.unusable(
                key: "data", problem: "all sampled training vectors are the same: there is nothing to quantize",
                remedy: "check that the data set is the one you meant")
        }
        rates = MachineRates.measure(limit: 0.1)
        let wholes = inventory.holds(.comparedTrain) ? [dimension] : []
        times = KernelTimes(
            codewords: settings.training.codewords, actives: actives + wholes, memoryRate: rates.memory)
        itemSeconds = sample.secondsAnItem
        inverseSeconds = sample.secondsATransform
        viewSeconds = try settings.superResolutionFactor.map { try Self.viewSeconds(side, factor: $0, transform) } ?? 0
        similaritySeconds = shape.map(Self.similaritySeconds) ?? 0
        let widest = bands.map(\.count).max() ?? 0
        eigenSeconds = settings.preprocessing.principalComponents ? try KernelTimes.eigenproblem(order: widest) : 0
    }

    /// Seconds to read an item through the low resolution.
    private static func viewSeconds(
        _ source: any VectorSource, factor: Int, _ transform: DecorrelatingTransform
    ) throws -> Double {
        let view = try LowResolutionView(source, factor: factor)
        return try DataSample(view, transform: transform, most: 4, seed: 1).secondsAnItem
    }

    private static func similaritySeconds(_ shape: ImageShape) -> Double {
        let measure = StructuralSimilarity(width: shape.width, height: shape.height)
        guard measure.isDefined else { return 0 }
        let image = MachineRates.filled(shape.width * shape.height)
        let scratch = AlignedBuffer<Float>(count: measure.scratchCount)
        return Double(shape.channels)
            * Stopwatch.fastest(within: 0.02, using: [image, scratch]) {
                _ = measure.similarity(image.pointer, image.pointer, peak: 1, scratch: scratch.pointer)
            }
    }

    // MARK: Shapes

    var hasPrincipalComponents: Bool { settings.preprocessing.principalComponents }
    /// Training items, without those that are held out.
    var train: Int { inventory.count(.train) }
    var test: Int { inventory.count(.test) }
    var isSuperResolving: Bool { inventory.holds(.bicubic) }
    var isCalibrated: Bool { inventory.holds(.views) }
    var hasEvaluation: Bool { inventory.holds(.originals) }
    var isCompared: Bool { inventory.holds(.comparedTrain) }
    var codewords: Int { settings.training.codewords }
    var widest: Int { bands.map(\.count).max() ?? 0 }
    /// Items of all sets that are decorrelated.
    private var decorrelated: Int { inventory.count { $0.stage == .loading } }
    /// Items of the sets that follow the training layer by layer.
    private var followers: Int { inventory.count { $0.isEncoded && $0 != .train } }
    /// Kinds of restoration that are shown.
    var restorations: Int { 2 + (isSuperResolving ? 3 : 0) + (isCalibrated ? 2 : 0) }
    /// Those that layers change, and are restored again after each snapshot.
    private var changingRestorations: Int { 1 + (isSuperResolving ? 2 : 0) + (isCalibrated ? 1 : 0) }

    var covarianceStatistics: StatisticsLayout { StatisticsLayout(rows: dimension, columns: widest) }
    func codebookStatistics(_ active: Int) -> StatisticsLayout {
        StatisticsLayout(rows: codewords, columns: active, sums: 2 * codewords + 1)
    }
    var evaluationStatistics: StatisticsLayout {
        StatisticsLayout(
            rows: min(settings.pictures, test) * restorations, columns: dimension, sums: 2 * restorations)
    }
    /// The largest statistics of any step.
    var largestStatistics: StatisticsLayout {
        var all = [StatisticsLayout(sums: dimension), codebookStatistics(actives.max()!)]
        if hasPrincipalComponents { all.append(covarianceStatistics) }
        if isCompared { all.append(codebookStatistics(dimension)) }
        if hasEvaluation { all.append(evaluationStatistics) }
        return all.max { $0.bytes < $1.bytes }!
    }

    // MARK: Time

    var words: PlanWords {
        PlanWords(smaller: "narrower bands (preprocessing.band-size), or less data")
    }

    /// The plan for so many ranks.
    func plan(_ layout: RankLayout) -> Plan {
        var plan = Plan(
            method: RRQMethod.name, ranks: layout.ranks, threads: layout.threads, machines: layout.machines,
            shards: layout.shards, trainCount: train, testCount: test, dimension: dimension)
        let heldOut = inventory.holds(.heldOut) ? inventory.count(.heldOut) : 0
        let items = Double(train + test + heldOut)
        let views = isSuperResolving ? Double(test + heldOut) : 0
        let reading = items * itemSeconds + views * viewSeconds
        plan.add(
            "read data",
            StepCost(operations: (items + views) * transformOperations, seconds: layout.share * reading))
        addPreparation(to: &plan, layout, items: decorrelated, fits: true)
        for (index, active) in actives.enumerated() {
            let (operations, bytes, seconds) = (plan.operations, plan.exchangedBytes, plan.seconds)
            addLayer(
                to: &plan, layout, active: active, followers: followers,
                updateSeconds: Double(active) * times.regularizedUpdate)
            plan.layers.append(
                Plan.Layer(
                    layer: index + 1, active: active, operations: plan.operations - operations,
                    exchangedBytes: plan.exchangedBytes - bytes, seconds: plan.seconds - seconds))
        }
        if hasEvaluation { addEvaluation(to: &plan, layout) }
        if isCompared { addComparison(to: &plan, layout) }
        plan.memory = memory(layout)
        plan.scratchBytes = Double(split(layout)?.split.scratch ?? 0)
        plan.assumptions = assumptions
        return plan
    }

    private var transformOperations: Double {
        guard let shape, settings.preprocessing.cosine else { return 0 }
        return 2 * Double(shape.count) * Double(shape.width + shape.height)
    }

    /// Clearing statistics in every shard, and adding them up inside the rank: bytes per second of memory.
    private func accumulation(_ bytes: Double, _ layout: RankLayout) -> Double {
        4 * bytes * Double(layout.shards) * layout.share / rates.memory
    }

    private func addPreparation(to plan: inout Plan, _ layout: RankLayout, items: Int, fits: Bool) {
        let elements = Double(train) * Double(dimension)
        let rows = layout.longestShard(of: train)
        if fits {
            let mean = StatisticsLayout(sums: dimension)
            plan.add(
                "mean",
                StepCost(operations: elements, seconds: layout.share * elements * times.square)
                    + layout.exchange(mean, memoryRate: rates.memory))
        }
        guard hasPrincipalComponents else { return }
        let squares = bands.reduce(0.0) { $0 + Double($1.count) * Double($1.count) }
        if fits {
            let exchange = layout.exchange(covarianceStatistics, memoryRate: rates.memory)
            let one = KernelTimes.covariance(width: widest, rows: rows, stride: dimension)
            let whole = squares / Double(widest * widest)
            let copies = 3 * Double(covarianceStatistics.bytes) / rates.memory * layout.slowdown
            // The pool's memory is touched for the first time here, which takes several times longer than later.
            let fresh = 8 * Double(layout.statisticsAtATime) * Double(covarianceStatistics.bytes) / rates.memory
            let products = layout.share * whole * one * Double(layout.shards)
            let sums = accumulation(Double(covarianceStatistics.bytes), layout)
            let covariance = StepCost(
                operations: 2 * Double(train) * squares, seconds: products + sums + copies + fresh)
            plan.add("covariances of the bands", covariance + exchange)
            let problems = Double((bands.count + layout.shards - 1) / layout.shards)
            let cubes = bands.reduce(0.0) { $0 + pow(Double($1.count), 3) }
            // Each shard clears and fills its own bands' rows alone.
            let solving = problems * eigenSeconds * layout.share * Double(layout.shards)
            let eigen = StepCost(operations: 9 * cubes, seconds: solving + 2 * copies)
            plan.add("eigenvectors of the bands", eigen + exchange)
        }
        let one = KernelTimes.product(rows: max(rows, 1), columns: widest, inner: widest) / Double(max(rows, 1))
        let rotating = squares / Double(widest * widest) * one
        let copying = 16 * Double(dimension) / rates.memory
        let seconds = layout.share * Double(items) * (rotating + copying)
        plan.add("rotation", StepCost(operations: 2 * Double(items) * squares, seconds: seconds))
    }

    /// Initial codewords, all passes, and encoding of every set.
    private func addLayer(
        to plan: inout Plan, _ layout: RankLayout, active: Int, followers: Int, updateSeconds: Double
    ) {
        let (entries, passes) = (Double(codewords * active), settings.training.iterations)
        let exchange = layout.exchange(codebookStatistics(active), memoryRate: rates.memory)
        let touched = Double(min(codewords, layout.longestShard(of: train)) * active * 4)
        let vector = times.search(active: active) + Double(8 * active) / rates.memory
        let searchOperations = 2 * entries
        addInitialization(to: &plan, layout, active: active)
        // Every rank repeats the update; its threads share it.
        let update = (updateSeconds / Double(layout.threads) + entries * 2 * times.square) * layout.slowdown
        let assigning = layout.share * Double(train) * vector
        let assign = StepCost(
            operations: Double(train) * (searchOperations + Double(4 * active)),
            seconds: assigning + accumulation(touched, layout) + update)
        plan.add("assign", steps: passes, assign + exchange)
        let sets = inventory.uses.count { $0.isEncoded }
        let encoded = Double(train + followers)
        let subtracting = Double(4 * active) * times.square
        let encode = StepCost(
            operations: encoded * searchOperations, seconds: layout.share * encoded * (vector + subtracting))
        let sums = StatisticsLayout(sums: active + sets * (2 + codewords))
        plan.add("encode", encode + layout.exchange(sums, memoryRate: rates.memory))
    }

    private func addInitialization(to plan: inout Plan, _ layout: RankLayout, active: Int) {
        // Gathering the active entries, which whatever comes first in a layer has to do.
        let gathering = layout.share * Double(train) * 12 * Double(active) / rates.memory
        guard settings.training.initialization == .plusPlus else {
            let isDrawn = settings.training.initialization == .gaussian
            let all = StatisticsLayout(rows: isDrawn ? 0 : codewords, columns: active)
            plan.add(
                "initial codewords", StepCost(seconds: gathering) + layout.exchange(all, memoryRate: rates.memory))
            return
        }
        // k-means++ passes over the data for each codeword, and fetches it in another step.
        let distances = layout.share * Double(train * active) * times.square
        plan.add(
            "initial codewords", steps: 2 * codewords,
            StepCost(operations: 1.5 * Double(train * active), seconds: distances / 2)
                + layout.exchange(StatisticsLayout(rows: 1, columns: active), memoryRate: rates.memory))
    }

    private func addEvaluation(to plan: inout Plan, _ layout: RankLayout) {
        let steps = settings.training.snapshots.count
        let rows = max(layout.longestShard(of: test), 1)
        let squares = hasPrincipalComponents ? bands.reduce(0.0) { $0 + Double($1.count) * Double($1.count) } : 0
        let one = hasPrincipalComponents ? KernelTimes.product(rows: rows, columns: widest, inner: widest) : 0
        let product = one / Double(rows) * squares / Double(max(widest, 1) * max(widest, 1))
        let elementwise = 6 * Double(dimension) * times.square
        // The last snapshot restores all kinds and measures their similarity; the cost is that of the mean step.
        let all = restorations + (steps - 1) * changingRestorations
        let images = Double(test * all) / Double(max(steps, 1))
        let similarity = layout.share * Double(test * restorations) * similaritySeconds / Double(max(steps, 1))
        let restoring = layout.share * images * (product + inverseSeconds + elementwise)
        let evaluate = StepCost(
            operations: images * (2 * squares + transformOperations), seconds: restoring + similarity)
        plan.add(
            "evaluate", steps: steps, evaluate + layout.exchange(evaluationStatistics, memoryRate: rates.memory))
    }

    private func addComparison(to plan: inout Plan, _ layout: RankLayout) {
        plan.add(
            "read data", StepCost(seconds: layout.share * Double(train + test) * itemSeconds))
        addPreparation(to: &plan, layout, items: train + test, fits: false)
        for _ in 0..<settings.comparisonLayers {
            addLayer(
                to: &plan, layout, active: dimension, followers: test,
                updateSeconds: Double(codewords * dimension) * 8 / rates.memory)
        }
    }

    private var assumptions: [String] {
        let perCodeword = String(format: "%.1f", Double(train) / Double(codewords))
        var sentences = [
            "Active sets: reverse water-filling of the variances of \(sampled) training items, as if a layer left theory's "
                + "D_j = min(sigma_j^2, gamma), times \(LayerForecast.margin). "
                + "\(LayerForecast.measurements). Here there are \(perCodeword) training vectors a codeword.",
            "Passes: all \(settings.training.iterations) of each layer; layers that converge earlier take less.",
            "Time: kernels measured on one core of this machine now; every rank's machine is taken to be like it. "
                + "Writing files and the report comes on top.",
        ]
        if !hasPrincipalComponents || widest * 2 <= sampled { return sentences }
        sentences.append(
            "Bands of \(widest) are too wide for principal components from a sample: their coefficients' variances are "
                + "used.")
        return sentences
    }
}
