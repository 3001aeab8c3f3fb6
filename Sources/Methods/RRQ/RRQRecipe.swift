import Datasets
import Foundation
import ImageMetrics
import Messaging
import MethodKit
import Numerics
import Quantization
import Training

/// The whole of an RRQ run: read, pre-process, train layer by layer, compare with K-means, super-resolve, record.
///
///     let recipe = RRQRecipe(settings: settings, source: source)
///     let record = try recipe.run(RunContext(loop: loop, parts: .init()))     // nil when a signal stopped it
///
/// Source: RRQ paper, Fig. 2 and 3 and section III.B.
public struct RRQRecipe {
    public struct Settings: Sendable {
        public var seed: UInt64 = 1
        public var testFraction = 0.2
        public var groupByFolder = false
        public var preprocessing = DecorrelatingTransform.Settings()
        public var training = RRQTraining.Settings()
        /// Layers of plain K-means residual quantization to compare with; 0 leaves it out.
        public var comparisonLayers = 0
        /// Factor of super-resolution; nil leaves it out.
        public var superResolutionFactor: Int?
        /// Share of the training images that are held out to weigh frequencies in super-resolution.
        public var calibrationFraction = 0.0
        /// Test images shown in the report.
        public var pictures = 4
        /// Bytes of memory that a rank's vectors and residuals may take; what goes beyond lies in a scratch file. Nil for no
        /// limit. Not part of the result.
        public var memoryBudget: Int?
        /// Where scratch files lie; nil for `ScratchFile.defaultFolder`.
        public var scratchFolder: String?
        public init() {}
    }

    public let settings: Settings
    public let source: any VectorSource

    public init(settings: Settings, source: any VectorSource) {
        self.settings = settings
        self.source = source
    }

    /// What an interrupted run has finished: its layers, and those of K-means that they are compared with.
    public struct Finished: FinishedWork {
        public var layers = FinishedLayers()
        public var comparison = FinishedLayers()

        public init(runFolder: String = "") {}

        /// Reads what the run of this folder has left; rows of metrics are written again, layer by layer.
        public init(resuming runFolder: String, metricRows rows: Int) {
            layers = FinishedLayers(folder: runFolder + "/" + CodebookFile.folderName)
            comparison = FinishedLayers(folder: runFolder + "/" + comparisonFolder)
        }

        public var counts: [Int] { [layers.count, comparison.count] }
        public var metricRows: Int? { nil }
        public var warnings: [String] { layers.warnings + comparison.warnings }
    }

    /// Where the layers of the comparison stay until the run is finished.
    private static let comparisonFolder = Checkpoint.folderName + "/comparison"

    /// Runs everything. Called on every rank alike.
    /// - Returns: the record, with the pictures' files on the coordinator; nil when a signal stopped the run.
    public func run(_ run: RunContext<Finished>) throws -> RRQRecord? {
        let (loop, finished) = (run.loop, run.parts)
        let isBuiltIn = source is DeadLeaves || source is VarianceDecayingGaussian
        try MemoryBudget.require(
            bytes: settings.memoryBudget
                ?? MemoryBudget.product(source.count / loop.communicator.size + 1, source.dimension, 4),
            key: settings.memoryBudget != nil ? "data.memory" : isBuiltIn ? "data.count" : "data.path",
            what: "\(source.count) items of \(source.dimension) dimensions")
        let sets = try makeSets()
        let memory = try VectorDemand(
            settings: settings, dimension: source.dimension, isImage: source.imageShape != nil,
            train: sets.train.count, test: sets.test?.count ?? 0, heldOut: sets.heldOut?.count
        ).memory(reduction: loop.reduction, budget: settings.memoryBudget, folder: settings.scratchFolder)
        let transform = DecorrelatingTransform(
            shape: source.imageShape, dimension: source.dimension, settings: transformSettings)
        loop.begin("preparing", spanning: 0...0.05)
        let data = try loop.measure("read data") { try load(sets, transform, loop, memory) }
        guard try prepare(data, transform, loop) == .finished else { return nil }
        let peak = source.imageShape == nil ? nil : 1.0
        let train = EncodedSet(data.train, peak: peak, threads: threads(loop))
        let test = data.test.map { EncodedSet($0, peak: peak, threads: threads(loop)) }
        let superResolution = makeSuperResolution(data, transform, threads(loop))
        let evaluator = makeEvaluator(data, test, superResolution?.sets, transform, threads(loop))
        let others = [test].compactMap { $0 } + (superResolution?.encoded ?? [])
        let training = try RRQTraining(
            settings: settings.training, train: train, others: others, seed: settings.seed, threads: threads(loop),
            given: finished.layers)
        training.evaluator = evaluator
        let trained = settings.comparisonLayers > 0 ? 0.6 : 1
        loop.begin("", spanning: 0.05...trained)
        guard try training.run(on: loop) == .finished else { return nil }
        let comparison = try compare(sets, transform, loop, memory, finished.comparison)
        guard let comparison else { return nil }
        return try loop.measure("write files") { try makeRecord(training, comparison, evaluator, sets, run) }
    }

    private func threads(_ loop: TrainingLoop) -> Int { loop.reduction.team.threads }

    private var transformSettings: DecorrelatingTransform.Settings {
        var result = settings.preprocessing
        if result.lowFrequencyFactor == nil { result.lowFrequencyFactor = settings.superResolutionFactor }
        return result
    }

    // MARK: Data

    private struct Sets {
        var train: any VectorSource
        var test: (any VectorSource)?
        var heldOut: (any VectorSource)?
    }

    private struct Data {
        var train: VectorShards
        var test: VectorShards?
        var bicubic: VectorShards?
        /// The test images in low resolution, to be corrected.
        var views: VectorShards?
        var heldOut: VectorShards?
        var heldOutViews: VectorShards?
        var others: [VectorShards] { [test, bicubic, views, heldOut, heldOutViews].compactMap { $0 } }
    }

    /// The images or vectors that are held back for testing; nil for none.
    /// - Throws: `DatasetError` for data that cannot be split as the settings say.
    public func testSet() throws -> (any VectorSource)? { try makeSets().test }

    private func makeSets() throws -> Sets {
        let split = try settings.split(source)
        var train = split.train
        var heldOut: (any VectorSource)?
        if let inner = try settings.heldOutSplit(of: train.count, name: source.name) {
            heldOut = Subset(source, indices: inner.test.map { train[$0] }, name: "held-out images")
            train = inner.train.map { train[$0] }
        }
        return Sets(
            train: Subset(source, indices: train, name: "training set"),
            test: split.test.isEmpty ? nil : Subset(source, indices: split.test, name: "test set"), heldOut: heldOut)
    }

    private func load(
        _ sets: Sets, _ transform: DecorrelatingTransform, _ loop: TrainingLoop, _ memory: VectorMemory
    ) throws -> Data {
        func load(_ source: any VectorSource, _ name: String) throws -> VectorShards {
            try self.load(source, name, transform, loop, memory)
        }
        var data = Data(train: try load(sets.train, "train"))
        data.test = try sets.test.map { try load($0, "test") }
        guard let factor = settings.superResolutionFactor else { return data }
        data.bicubic = try sets.test.map { try load(LowResolutionView($0, factor: factor), "bicubic") }
        guard let heldOut = sets.heldOut else { return data }
        data.views = data.bicubic?.copy(name: "views")
        data.heldOut = try load(heldOut, "held out")
        data.heldOutViews = try load(LowResolutionView(heldOut, factor: factor), "held-out views")
        return data
    }

    /// Corrects interpolation where images were held out for it, then decorrelates all sets.
    private func prepare(
        _ data: Data, _ transform: DecorrelatingTransform, _ loop: TrainingLoop
    ) throws -> TrainingLoop.Outcome {
        if let heldOut = data.heldOut, let heldOutViews = data.heldOutViews, let views = data.views {
            let correction = InterpolationCorrection(
                originals: heldOut, views: heldOutViews, corrected: [views, heldOutViews])
            guard try loop.run(correction) == .finished else { return .stopped }
        }
        return try loop.run(
            PreprocessingFit(transform: transform, train: data.train, others: data.others, threads: threads(loop)))
    }

    private func load(
        _ source: any VectorSource, _ name: String, _ transform: DecorrelatingTransform, _ loop: TrainingLoop,
        _ memory: VectorMemory
    ) throws -> VectorShards {
        let scratch = (0..<threads(loop)).map { _ in AlignedBuffer<Float>(count: transform.scratchCount) }
        return try VectorShards.load(
            source, name: name, reduction: loop.reduction, memory: memory
        ) { pixels, vector, worker in
            transform.frequencies(of: pixels, into: vector, scratch: scratch[worker].pointer)
        }
    }

    // MARK: Super-resolution and evaluation

    private struct SuperResolution {
        var sets: ImageEvaluator.SuperResolutionSets
        /// Every set that follows the training.
        var encoded: [EncodedSet]
    }

    private func makeSuperResolution(
        _ data: Data, _ transform: DecorrelatingTransform, _ threads: Int
    ) -> SuperResolution? {
        guard let bicubic = data.bicubic else { return nil }
        let low = transform.subbands.lowFrequencies
        func encoded(_ vectors: VectorShards, guides: Range<Int>?) -> EncodedSet {
            EncodedSet(vectors.copy(name: vectors.name + ", encoded"), peak: 1, guides: guides, threads: threads)
        }
        let plain = encoded(bicubic, guides: nil)
        var result = SuperResolution(
            sets: .init(bicubic: bicubic, plain: plain, lowFrequencies: low), encoded: [plain])
        if let views = data.views, let heldOut = data.heldOut, let heldOutViews = data.heldOutViews {
            let guided = encoded(views, guides: 0..<low)
            let heldOutGuided = encoded(heldOutViews, guides: 0..<low)
            result.sets.calibrated = .init(
                views: views, guided: guided,
                calibration: SuperResolutionCalibration(
                    originals: heldOut, views: heldOutViews, guided: heldOutGuided))
            result.encoded += [guided, heldOutGuided]
        }
        return result
    }

    private func makeEvaluator(
        _ data: Data, _ test: EncodedSet?, _ superResolution: ImageEvaluator.SuperResolutionSets?,
        _ transform: DecorrelatingTransform, _ threads: Int
    ) -> ImageEvaluator? {
        guard source.imageShape != nil, let test, let vectors = data.test else { return nil }
        return ImageEvaluator(
            transform: transform, originals: vectors.copy(name: "originals"), test: test,
            superResolution: superResolution, pictures: settings.pictures, lastLayer: settings.training.layers,
            threads: threads)
    }

    // MARK: K-means for comparison

    /// Plain residual quantization on the same vectors. Nil when a signal stopped it.
    private func compare(
        _ sets: Sets, _ transform: DecorrelatingTransform, _ loop: TrainingLoop, _ memory: VectorMemory,
        _ finished: FinishedLayers
    ) throws -> [LayerRecord]? {
        guard settings.comparisonLayers > 0 else { return [] }
        // Its codebooks are not a result of the run, but an interrupted run goes on with them.
        loop.begin(
            "K-means for comparison", id: "comparison", spanning: 0.6...1,
            output: .resumable(folder: Self.comparisonFolder))
        let data = try loop.measure("read data") {
            Data(
                train: try load(sets.train, "train", transform, loop, memory),
                test: try sets.test.map { try load($0, "test", transform, loop, memory) })
        }
        guard
            try loop.run(
                PreprocessingFit(
                    transform: transform, train: data.train, others: data.others, isFitted: true,
                    threads: threads(loop))) == .finished
        else { return nil }
        let peak = source.imageShape == nil ? nil : 1.0
        var plain = settings.training
        plain.method = .kmeans
        plain.layers = settings.comparisonLayers
        plain.initialization = .samples
        plain.snapshots = []
        let training = try RRQTraining(
            settings: plain, train: EncodedSet(data.train, peak: peak, threads: threads(loop)),
            others: data.test.map { [EncodedSet($0, peak: peak, threads: threads(loop))] } ?? [],
            seed: settings.seed, threads: threads(loop), given: finished)
        guard try training.run(on: loop) == .finished else { return nil }
        return training.records
    }

    // MARK: Record

    private func makeRecord(
        _ training: RRQTraining, _ comparison: [LayerRecord], _ evaluator: ImageEvaluator?, _ sets: Sets,
        _ run: RunContext<Finished>
    ) throws -> RRQRecord {
        var pictures: [RRQRecord.PictureRecord] = []
        for picture in evaluator?.pictures ?? [] {
            // Originals and low-resolution images are the same after every layer.
            let layer = picture.restoration.isFixed ? 0 : picture.layer
            let file = "pictures/test-\(picture.item)-\(picture.restoration.rawValue)-\(layer).png"
            try run.write(Artifact(path: file) { try picture.image.writePNG(to: $0) })
            let original = evaluator!.pictures.first { $0.item == picture.item && $0.restoration == .original }
            pictures.append(
                .init(
                    file: file, layer: layer, restoration: picture.restoration, item: picture.item,
                    name: sets.test!.itemName(picture.item),
                    psnr: picture.restoration == .original
                        ? nil : original.map { PSNR.decibels(ofSamples: $0.image.samples, picture.image.samples) }))
        }
        let shape = source.imageShape
        let damaged = (source as? ImageFolder)?.damaged ?? []
        return RRQRecord(
            dataName: damaged.isEmpty ? source.name : "\(source.name) (\(damaged.count) damaged left out)",
            trainCount: sets.train.count, testCount: sets.test?.count ?? 0,
            heldOutCount: sets.heldOut?.count ?? 0, dimension: source.dimension, imageWidth: shape?.width,
            imageHeight: shape?.height, imageChannels: shape?.channels, codewords: settings.training.codewords,
            layers: training.records, comparison: comparison,
            sourceVariances: blockMeans(training.sourceVariances, blocks: 2048),
            qualities: evaluator?.qualities ?? [], pictures: pictures,
            superResolutionFactor: settings.superResolutionFactor, damaged: damaged.isEmpty ? nil : damaged)
    }
}

/// The values themselves, or means over `blocks` equal blocks where there are more.
func blockMeans(_ values: [Double], blocks: Int) -> [Double] {
    guard values.count > blocks else { return values }
    return (0..<blocks).map { block in
        let range = block * values.count / blocks..<(block + 1) * values.count / blocks
        return values[range].reduce(0, +) / Double(range.count)
    }
}
