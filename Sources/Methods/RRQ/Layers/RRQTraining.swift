import Foundation
import MethodKit
import Numerics
import Quantization
import Training

/// Residual quantization, regularized or plain: layers of codebooks, each trained on what the layers before it left over.
///
///     let training = try RRQTraining(settings: settings, train: train, others: [test], seed: 1, threads: 2)
///     training.keepsCodebooks = true
///     let outcome = try training.run(on: loop)                // .finished, or .stopped after a signal
///     training.records.last?.testPSNR                         // after the last layer
///     training.codebooks[0].active                            // the first layer's active set
///
/// A layer of RRQ: reverse water-filling of the residual's variances at log2 K bits gives gamma*, the active set and the
/// codeword variances; VR-Kmeans learns K codewords on the active dimensions; every set is encoded and its codewords are
/// subtracted. Only active dimensions are ever touched. A layer of plain residual quantization is K-means on all dimensions.
///
/// Source: RRQ paper, section III.B.
final class RRQTraining {
    /// How layers are trained.
    struct Settings: Sendable {
        /// What a layer's codebook is trained by.
        enum Method: String, Sendable, Codable, CaseIterable {
            /// VR-Kmeans on the active dimensions.
            case rrq
            /// K-means on all dimensions.
            case kmeans
        }
        /// What lambda is measured in.
        enum LambdaUnit: String, Sendable, Codable, CaseIterable {
            /// The paper's: lambda itself multiplies Eq. 3, whatever the data's scale.
            case absolute
            /// lambda / gamma*: the same regularization at every layer and for every scale of the data.
            case waterLevel = "water-level"
        }

        var method = Method.rrq
        /// L, the most layers: fewer if nothing is left over.
        var layers = 20
        /// K, codewords of a layer, at least 2; each layer adds log2 K bits.
        var codewords = 256
        /// Weight of the variance regularization, Eq. 3, from 0.
        var lambda = 10.0
        var lambdaUnit = LambdaUnit.waterLevel
        /// The most passes over the data in a layer.
        var iterations = 8
        /// Where the first codewords of a layer come from.
        var initialization = FirstCodewords.samples
        /// Layers after which `evaluator` is asked.
        var snapshots: Set<Int> = []
        init() {}
    }

    /// Looks at all sets after certain layers: pictures, super-resolution.
    protocol Evaluator: AnyObject {
        /// What is run after a layer, counted from 1, one after another.
        func methods(afterLayer layer: Int) -> [any TrainingMethod]
    }

    let settings: Settings
    /// What is known of every layer trained so far.
    private(set) var records: [LayerRecord] = []
    /// The codebooks of all layers trained so far; kept only if `keepsCodebooks` is set.
    private(set) var codebooks: [SparseCodebook] = []
    /// Whether codebooks stay in memory; in any case they are written to files.
    var keepsCodebooks = false
    /// Variance of every dimension of the training vectors before any layer.
    private(set) var sourceVariances: [Double] = []
    /// Asked after the layers of `Settings.snapshots`.
    var evaluator: (any Evaluator)?

    private let train: EncodedSet
    private let others: [EncodedSet]
    private let seed: UInt64
    private let threads: Int
    private let store: ActiveEntries.Store
    private let rateBlocks: [Range<Int>]
    private let given: FinishedLayers
    private var entropyBits = 0.0

    /// - Parameters:
    ///   - train: the training vectors, whose mean should be zero; they become residuals.
    ///   - others: sets that are encoded layer by layer; the first is the test set of the records.
    ///   - given: first layers that are trained already; they are only applied.
    /// - Throws: `LloydError.unusable` if there are fewer training vectors than codewords.
    init(
        settings: Settings, train: EncodedSet, others: [EncodedSet], seed: UInt64, threads: Int,
        given: FinishedLayers = FinishedLayers()
    ) throws {
        precondition(settings.layers >= 1 && settings.codewords >= 1)
        self.settings = settings
        self.train = train
        self.others = others
        self.seed = seed
        self.threads = threads
        self.given = given
        store = ActiveEntries.Store(owned: train.vectors.owned)
        rateBlocks = RateProfile.blocks(dimension: train.vectors.dimension)
        guard train.vectors.count >= settings.codewords else {
            throw LloydError.unusable(
                key: "rrq.codewords",
                problem:
                    "\(settings.codewords) codewords cannot be learned from \(train.vectors.count) training vectors",
                remedy: "use at most \(train.vectors.count) codewords, or more training data")
        }
    }

    private var dimension: Int { train.vectors.dimension }
    private var sets: [EncodedSet] { [train] + others }

    /// Trains and applies all layers, or as many as leave anything over. Called on every rank alike.
    ///
    /// A stopped training continues with the passes of its layer, which a checkpoint holds, after the layers before it, which
    /// are given as codebooks.
    /// - Throws: `LloydError` for data that cannot be quantized or a given codebook that does not fit; what `runner`
    ///   throws.
    func run(on runner: some MethodRunner) throws -> RunOutcome {
        let measurement = EnergyMeasurement(train: train.vectors, sets: sets)
        let outcome = try runner.run(measurement, named: "variances", spanning: 0...0, keepingEnd: false)
        guard outcome == .finished else { return .stopped }
        sourceVariances = measurement.variances
        var variances = measurement.variances
        while records.count < settings.layers {
            let allocation = ReverseWaterFilling(variances: variances, rate: log2(Double(settings.codewords)))
            // Nothing is left over: further layers would hold zeros.
            if allocation.active.isEmpty { break }
            guard let coded = try runLayer(allocation, variances, measurement.energies, on: runner) else {
                return .stopped
            }
            for (active, variance) in zip(coded.active, coded.variances) { variances[Int(active)] = variance }
            guard try evaluate(on: runner) == .finished else { return .stopped }
        }
        return .finished
    }

    // MARK: A layer

    /// The share of all layers that lies between two shares of the next one.
    private func share(from begin: Double, to end: Double) -> ClosedRange<Double> {
        let (layer, layers) = (Double(records.count), Double(settings.layers))
        return (layer + begin) / layers...(layer + end) / layers
    }

    /// Trains the next layer, or takes the given one, and encodes all sets with it.
    /// - Parameters:
    ///   - variances: of every dimension of the residuals before the layer.
    ///   - energies: of every set before any layer.
    /// - Returns: the active dimensions and their variances after the layer; nil if it was stopped.
    private func runLayer(
        _ allocation: ReverseWaterFilling, _ variances: [Double], _ energies: [Double], on runner: some MethodRunner
    ) throws -> (active: [Int32], variances: [Double])? {
        let index = records.count
        let isGiven = index < given.count
        let codebook = try isGiven ? givenCodebook(index) : emptyCodebook(allocation)
        let residuals = ActiveEntries(of: train.vectors, codebook: codebook, version: index, store: store)
        if !isGiven {
            let training = try LloydTraining(
                vectors: residuals,
                settings: .init(
                    codewords: settings.codewords, iterations: settings.iterations,
                    initialization: initialization(allocation, variances)),
                update: codewordUpdate(allocation, step: index), seed: seed, step: index)
            // Once the layer is encoded its codebook has a file.
            guard
                let passes = try training.run(
                    on: runner, named: "layer-\(index + 1)", spanning: share(from: 0, to: 0.9), keepingEnd: false)
            else { return nil }
            codebook.values.pointer.update(from: passes.codebook.pointer, count: passes.codebook.count)
        }
        let layer = Layer(codebook: codebook, guides: others.compactMap(\.guides), threads: threads)
        let encoding = LayerEncoding(layer, residuals: residuals, sets: sets, isGiven: isGiven) { [self] outcome in
            finish(codebook, allocation, outcome, energies)
        }
        let outcome = try runner.run(encoding, named: "encode", spanning: share(from: 0.9, to: 1), keepingEnd: false)
        guard outcome == .finished, let coded = encoding.outcome else { return nil }
        return (codebook.active, coded.variances)
    }

    private func emptyCodebook(_ allocation: ReverseWaterFilling) -> SparseCodebook {
        settings.method == .rrq
            ? SparseCodebook(
                dimension: dimension, active: allocation.active.map { Int32($0) }, codewords: settings.codewords)
            : SparseCodebook(dimension: dimension, codewords: settings.codewords)
    }

    /// A layer that is trained already, counted from 0.
    private func givenCodebook(_ index: Int) throws -> SparseCodebook {
        let codebook = try given.codebook(index)
        guard codebook.dimension == dimension, codebook.codewords == settings.codewords else {
            throw LloydError.unusable(
                key: "rrq",
                problem: "the codebook of layer \(index + 1) holds \(codebook.codewords) codewords of "
                    + "\(codebook.dimension) dimensions, but this run has \(settings.codewords) of \(dimension)",
                remedy: "resume with the data and the config that the run was started with, or start it anew")
        }
        return codebook
    }

    private func initialization(
        _ allocation: ReverseWaterFilling, _ variances: [Double]
    ) -> LloydTraining.Initialization {
        settings.initialization.initialization(
            variances: settings.method == .rrq ? allocation.codewordVariances : variances)
    }

    private func codewordUpdate(_ allocation: ReverseWaterFilling, step: Int) -> any CodewordUpdate {
        guard settings.method == .rrq else { return KMeansUpdate(seed: seed) }
        let lambda =
            settings.lambdaUnit == .absolute ? settings.lambda : settings.lambda / allocation.waterLevel
        return VRKMeans(
            allocation: allocation, codewords: settings.codewords, lambda: lambda, seed: seed, step: step)
    }

    /// Records the layer that was encoded.
    private func finish(
        _ codebook: SparseCodebook, _ allocation: ReverseWaterFilling, _ outcome: LayerEncoding.Outcome,
        _ energies: [Double]
    ) -> (MetricRow, Artifact) {
        let trained = outcome.sets[0]
        let tested = others.isEmpty ? nil : outcome.sets[1]
        let number = records.count + 1
        let bits = Double(number) * log2(Double(settings.codewords))
        let isRegularized = settings.method == .rrq
        entropyBits += entropy(ofCounts: trained.usage)
        let record = LayerRecord(
            layer: number, waterLevel: isRegularized ? allocation.waterLevel : nil,
            activeDimensions: codebook.active.count, bits: bits, entropyBits: entropyBits,
            trainDistortion: trained.squaredError / energies[0],
            testDistortion: tested.map { $0.squaredError / energies[1] },
            boundDistortion: ReverseWaterFilling(variances: sourceVariances, rate: bits).distortion
                / sourceVariances.reduce(0, +),
            trainPSNR: train.peak.map { _ in trained.psnr / Double(train.vectors.count) },
            testPSNR: others.first?.peak.flatMap { _ in
                tested.map { $0.psnr / Double(others[0].vectors.count) }
            },
            codewordsUsed: trained.usage.reduce(0) { $1 > 0 ? $0 + 1 : $0 },
            trainPerplexity: exp2(entropy(ofCounts: trained.usage)),
            testPerplexity: tested.map { exp2(entropy(ofCounts: $0.usage)) },
            rateProfile: isRegularized ? RateProfile.rates(allocation, blocks: rateBlocks) : [])
        records.append(record)
        if keepsCodebooks { codebooks.append(codebook) }
        let usage = trained.usage.map { Int64($0) }
        let file = Artifact(path: CodebookFile.name(layer: number)) {
            try CodebookFile.write(codebook, usage: usage, layer: number, to: $0)
        }
        return (record.metrics, file)
    }

    /// Runs the evaluator after the layers that ask for it.
    private func evaluate(on runner: some MethodRunner) throws -> RunOutcome {
        guard let evaluator, settings.snapshots.contains(records.count) else { return .finished }
        for method in evaluator.methods(afterLayer: records.count) {
            let outcome = try runner.run(method, named: "evaluate", spanning: share(from: 0, to: 0), keepingEnd: false)
            guard outcome == .finished else { return .stopped }
        }
        return .finished
    }
}
