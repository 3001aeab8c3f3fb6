import Foundation
import Numerics
import Quantization
import Training

/// Residual quantization, regularized or plain: layers of codebooks, each trained on what the layers before it left over.
///
///     let training = try RRQTraining(settings: settings, train: train, others: [test], seed: 1, threads: 2)
///     _ = try loop.run(training)
///     training.records.last!.testPSNR                         // after the last layer
///     training.codebooks[0].active                            // the first layer's active set
///
/// A layer of RRQ: reverse water-filling of the residual's variances at log2 K bits gives gamma*, the active set and the
/// codeword variances; VR-Kmeans learns K codewords on the active dimensions; every set is encoded and its codewords are
/// subtracted. Only active dimensions are ever touched. A layer of plain residual quantization is K-means on all dimensions.
///
/// Source: RRQ paper, section III.B.
public final class RRQTraining: ResumableMethod {
    public struct Settings: Sendable {
        public enum Method: String, Sendable, Codable, CaseIterable { case rrq, kmeans }
        /// What lambda is measured in.
        public enum LambdaUnit: String, Sendable, Codable, CaseIterable {
            /// The paper's: lambda itself multiplies Eq. 3, whatever the data's scale.
            case absolute
            /// lambda / gamma*: the same regularization at every layer and for every scale of the data.
            case waterLevel = "water-level"
        }
        public enum Initialization: String, Sendable, Codable, CaseIterable {
            case samples, gaussian
            case plusPlus = "k-means++"
        }

        public var method = Method.rrq
        public var layers = 100
        public var codewords = 256
        public var lambda = 10.0
        public var lambdaUnit = LambdaUnit.waterLevel
        public var iterations = 8
        public var initialization = Initialization.samples
        /// Layers after which `evaluator` is asked.
        public var snapshots: Set<Int> = []
        public init() {}
    }

    /// Looks at all sets after certain layers: pictures, super-resolution. Its statistics are reduced like any others.
    public protocol Evaluator: AnyObject {
        var layout: StatisticsLayout { get }
        func map(shard: Int, layer: Int, worker: Int, into statistics: Statistics) throws
        /// Returns whether another step is needed for this layer.
        func update(_ total: Statistics, layer: Int) throws -> Bool
    }

    private enum Stage {
        case measure
        case train(LloydIterations)
        case encode(Layer)
        case evaluate
        case finished
    }

    public let settings: Settings
    public private(set) var records: [LayerRecord] = []
    /// The codebooks of all layers trained so far; kept only where `keepsCodebooks` is set.
    public private(set) var codebooks: [SparseCodebook] = []
    public var keepsCodebooks = false
    /// Variance of every dimension of the training vectors before any layer.
    public private(set) var sourceVariances: [Double] = []
    public var evaluator: (any Evaluator)?

    private let train: EncodedSet
    private let others: [EncodedSet]
    private let seed: UInt64
    private let threads: Int
    private let store: ActiveResiduals.Store
    private let rateBlocks: [Range<Int>]
    private var stage = Stage.measure
    private var variances: [Double] = []
    private var energies: [Double] = []
    private var allocation: ReverseWaterFilling?
    private var codebook: SparseCodebook?
    private var residuals: ActiveResiduals?
    private var entropyBits = 0.0
    private var due: [Artifact] = []
    private let given: FinishedLayers
    /// Where an earlier process stopped within a layer, until that layer begins.
    private var interrupted: (layer: Int, state: TrainingState)?

    /// - Parameters:
    ///   - train: the training vectors, whose mean should be zero; they become residuals.
    ///   - others: sets that are encoded layer by layer; the first is the test set of the records.
    ///   - given: first layers that are trained already; they are only applied.
    /// - Throws: `TrainingError.unusable` when there are fewer training vectors than codewords.
    public init(
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
        store = ActiveResiduals.Store(owned: train.vectors.owned)
        rateBlocks = RateProfile.blocks(dimension: train.vectors.dimension)
        guard train.vectors.count >= settings.codewords else {
            throw TrainingError.unusable(
                key: "rrq.codewords",
                problem:
                    "\(settings.codewords) codewords cannot be learned from \(train.vectors.count) training vectors",
                remedy: "use at most \(train.vectors.count) codewords, or more training data")
        }
    }

    /// A layer that is trained already.
    private func givenCodebook() throws -> SparseCodebook {
        let codebook = try given.codebook(layerIndex)
        guard codebook.dimension == dimension, codebook.codewords == settings.codewords else {
            throw TrainingError.unusable(
                key: "rrq",
                problem: "the codebook of layer \(layerIndex + 1) holds \(codebook.codewords) codewords of "
                    + "\(codebook.dimension) dimensions where this run has \(settings.codewords) of \(dimension)",
                remedy: "resume with the data and the config that the run was started with, or start it anew")
        }
        return codebook
    }

    private var dimension: Int { train.vectors.dimension }
    private var layerIndex: Int { records.count }

    public var isFinished: Bool { if case .finished = stage { true } else { false } }

    public var phase: String {
        switch stage {
        case .measure: "variances"
        case .train(let lloyd): lloyd.phase
        case .encode: "encode"
        case .evaluate: "evaluate"
        case .finished: "finished"
        }
    }

    public var progress: Double {
        if case .finished = stage { return 1 }
        var inside = 0.0
        if case .train(let lloyd) = stage { inside = 0.9 * lloyd.progress }
        if case .encode = stage { inside = 0.9 }
        return min(1, (Double(layerIndex) + inside) / Double(settings.layers))
    }

    /// The layers that were given: encoding with them again is little of what finding them took.
    public var restored: Double { Double(min(layerIndex, given.count)) / Double(settings.layers) }

    public var layout: StatisticsLayout {
        switch stage {
        case .measure: StatisticsLayout(sums: dimension + (others.count + 1) * EncodedSet.sums)
        case .train(let lloyd): lloyd.layout
        case .encode(let layer):
            StatisticsLayout(
                sums: layer.codebook.active.count + (others.count + 1) * (EncodedSet.sums + settings.codewords))
        case .evaluate: evaluator!.layout
        case .finished: StatisticsLayout()
        }
    }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let sums = statistics.sums.baseAddress!
        try train.vectors.memory.check()
        switch stage {
        case .measure:
            addSquares(of: train.vectors[shard], to: sums)
            for (number, set) in ([train] + others).enumerated() {
                set.measure(shard: shard, into: sums + dimension + number * EncodedSet.sums)
            }
        case .train(let lloyd): try lloyd.map(shard: shard, worker: worker, into: statistics)
        case .encode(let layer):
            let active = layer.codebook.active.count
            let compact = residuals!.vectors(ofShard: shard)
            let stride = EncodedSet.sums + settings.codewords
            for (number, set) in ([train] + others).enumerated() {
                let place = sums + active + number * stride
                set.encode(
                    shard: shard, layer: layer, worker: worker, compact: number == 0 ? compact.pointer : nil,
                    usage: place + EncodedSet.sums, into: place)
            }
            // Asked for once more: other sets may have pushed it out.
            addSquares(of: residuals!.vectors(ofShard: shard), to: sums)
        case .evaluate: try evaluator!.map(shard: shard, layer: layerIndex, worker: worker, into: statistics)
        case .finished: break
        }
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        switch stage {
        case .measure:
            variances = total.sums.prefix(dimension).map { $0 / Double(train.vectors.count) }
            guard variances.allSatisfy(\.isFinite) else {
                throw TrainingError.notFinite(what: "a variance of the training data", phase: phase)
            }
            sourceVariances = variances
            energies = (0...others.count).map { total.sums[dimension + $0 * EncodedSet.sums] }
            guard energies[0] > 0 else {
                throw TrainingError.unusable(
                    key: "data", problem: "all training vectors are the same: there is nothing to quantize",
                    remedy: "check that the data set is the one you meant")
            }
            // Squares of still smaller numbers leave Float's range, and codewords would be chosen at random.
            let meanSquare = energies[0] / Double(train.vectors.count) / Double(dimension)
            guard meanSquare >= 0x1p-100 else {
                throw TrainingError.unusable(
                    key: "data",
                    problem:
                        "the training vectors differ from their mean by \(meanSquare.squareRoot()) only (root mean "
                        + "square of a component): squares of so small numbers leave the range of 32-bit floats",
                    remedy:
                        "multiply all values by the same power of two, such as array * 2.0**60, which loses nothing; "
                        + "distortions are relative and stay the same")
            }
            try beginLayer()
        case .train(let lloyd):
            _ = try lloyd.update(total, team: team)
            if lloyd.isFinished {
                codebook!.values.pointer.update(from: lloyd.codebook.pointer, count: lloyd.codebook.count)
                stage = .encode(makeLayer())
            }
        case .encode(let layer):
            let row = finishLayer(layer, total)
            if settings.snapshots.contains(layerIndex), evaluator != nil {
                stage = .evaluate
            } else {
                try beginLayer()
            }
            return row
        case .evaluate:
            if try !evaluator!.update(total, layer: layerIndex) { try beginLayer() }
        case .finished: break
        }
        return nil
    }

    private func makeLayer() -> Layer {
        Layer(codebook: codebook!, guides: others.compactMap(\.guides), threads: threads)
    }

    private func beginLayer() throws {
        guard layerIndex < settings.layers else {
            stage = .finished
            return
        }
        let rate = log2(Double(settings.codewords))
        let allocation = ReverseWaterFilling(variances: variances, rate: rate)
        self.allocation = allocation
        guard !allocation.active.isEmpty else {
            // Nothing is left over: further layers would hold zeros.
            stage = .finished
            return
        }
        if layerIndex < given.count {
            codebook = try givenCodebook()
        } else {
            codebook =
                settings.method == .rrq
                ? SparseCodebook(
                    dimension: dimension, active: allocation.active.map { Int32($0) }, codewords: settings.codewords)
                : SparseCodebook(dimension: dimension, codewords: settings.codewords)
        }
        let residuals = ActiveResiduals(train: train.vectors, codebook: codebook!, layer: layerIndex, store: store)
        self.residuals = residuals
        if layerIndex < given.count {
            stage = .encode(makeLayer())
            return
        }
        let lloyd = try LloydIterations(
            vectors: residuals, shards: train.vectors.owned,
            settings: .init(
                codewords: settings.codewords, iterations: settings.iterations,
                initialization: initialization(allocation)),
            update: codewordUpdate(allocation), seed: seed, step: layerIndex, threads: threads)
        if let interrupted, interrupted.layer == layerIndex { try lloyd.restore(interrupted.state) }
        stage = .train(lloyd)
    }

    private func initialization(_ allocation: ReverseWaterFilling) -> LloydIterations.Initialization {
        switch settings.initialization {
        case .samples: .samples
        case .plusPlus: .plusPlus
        case .gaussian:
            .gaussian(variances: settings.method == .rrq ? allocation.codewordVariances : variances)
        }
    }

    private func codewordUpdate(_ allocation: ReverseWaterFilling) -> any CodewordUpdate {
        guard settings.method == .rrq else { return KMeansUpdate(seed: seed) }
        let lambda =
            settings.lambdaUnit == .absolute ? settings.lambda : settings.lambda / allocation.waterLevel
        return VRKMeans(
            allocation: allocation, codewords: settings.codewords, lambda: lambda, seed: seed, step: layerIndex)
    }

    private func finishLayer(_ layer: Layer, _ total: Statistics) -> MetricRow {
        let active = layer.codebook.active
        let (sums, vectors) = (total.sums, Double(train.vectors.count))
        for (place, dimension) in active.enumerated() { variances[Int(dimension)] = sums[place] / vectors }
        let stride = EncodedSet.sums + settings.codewords
        func set(_ number: Int) -> (errors: Slice<UnsafeMutableBufferPointer<Double>>, usage: [Double]) {
            let start = active.count + number * stride
            return (sums[start..<start + EncodedSet.sums], Array(sums[start + EncodedSet.sums..<start + stride]))
        }
        let trained = set(0)
        let tested = others.isEmpty ? nil : set(1)
        let number = layerIndex + 1
        let bits = Double(number) * log2(Double(settings.codewords))
        entropyBits += entropy(trained.usage)
        let record = LayerRecord(
            layer: number, waterLevel: settings.method == .rrq ? allocation?.waterLevel : nil,
            activeDimensions: active.count, bits: bits, entropyBits: entropyBits,
            trainDistortion: trained.errors.first! / energies[0],
            testDistortion: tested.map { $0.errors.first! / energies[1] },
            boundDistortion: ReverseWaterFilling(variances: sourceVariances, rate: bits).distortion
                / sourceVariances.reduce(0, +),
            trainPSNR: train.peak.map { _ in trained.errors.last! / vectors },
            testPSNR: others.first?.peak.flatMap { _ in
                tested.map { $0.errors.last! / Double(others[0].vectors.count) }
            },
            codewordsUsed: trained.usage.reduce(0) { $1 > 0 ? $0 + 1 : $0 },
            trainPerplexity: exp2(entropy(trained.usage)), testPerplexity: tested.map { exp2(entropy($0.usage)) },
            rateProfile: settings.method == .rrq ? RateProfile.rates(allocation!, blocks: rateBlocks) : [])
        records.append(record)
        if keepsCodebooks { codebooks.append(layer.codebook) }
        let (codebook, usage) = (layer.codebook, trained.usage.map { Int64($0) })
        due.append(
            Artifact(path: CodebookFile.name(layer: number)) {
                try CodebookFile.write(codebook, usage: usage, layer: number, to: $0)
            })
        return record.metrics
    }

    public func takeArtifacts() -> [Artifact] {
        defer { due = [] }
        return due
    }

    // MARK: Going on elsewhere

    /// The passes of the layer that is being trained; finished layers are in their codebooks' files.
    public func state() -> TrainingState? {
        guard case .train(let lloyd) = stage, let passes = lloyd.state() else { return nil }
        var state = TrainingState()
        state.set("layer", layerIndex)
        state.set("passes", passes)
        return state
    }

    public func restore(_ state: TrainingState) throws {
        guard let passes = state.part("passes") else { return }
        interrupted = (try state.integer("layer"), passes)
    }
}

/// Adds the squared entries of every row to one sum per column.
func addSquares(of matrix: Matrix, to sums: UnsafeMutablePointer<Double>) {
    for item in 0..<matrix.rows {
        let row = matrix.pointer + item * matrix.columns
        for place in 0..<matrix.columns { sums[place] += Double(row[place]) * Double(row[place]) }
    }
}

/// The entropy in bits of frequencies given as counts.
func entropy(_ counts: [Double]) -> Double {
    let total = counts.reduce(0, +)
    guard total > 0 else { return 0 }
    return counts.reduce(0) { $1 > 0 ? $0 - $1 / total * log2($1 / total) : $0 }
}

extension LayerRecord {
    /// The record as a row of metrics.
    var metrics: MetricRow {
        func real(_ value: Double?) -> MetricRow.Value { value.map { .real($0) } ?? .missing }
        return MetricRow(
            [
                ("layer", .integer(layer)), ("water-level", real(waterLevel)),
                ("active-dimensions", .integer(activeDimensions)), ("bits", .real(bits)),
                ("entropy-bits", .real(entropyBits)), ("train-distortion", .real(trainDistortion)),
                ("test-distortion", real(testDistortion)), ("bound-distortion", .real(boundDistortion)),
                ("train-psnr", real(trainPSNR)), ("test-psnr", real(testPSNR)),
                ("codewords-used", .integer(codewordsUsed)), ("train-perplexity", .real(trainPerplexity)),
                ("test-perplexity", real(testPerplexity)),
            ], headline: headline)
    }

    private var headline: String {
        var words = "layer \(layer), \(activeDimensions) active, \(String(format: "%.0f", bits)) bits, "
        if let trainPSNR {
            words +=
                String(format: "train %.2f", trainPSNR) + (testPSNR.map { String(format: ", test %.2f", $0) } ?? "")
                + " dB"
        } else {
            words +=
                String(format: "train %.4f", trainDistortion)
                + (testDistortion.map { String(format: ", test %.4f", $0) } ?? "")
        }
        return words
    }
}
