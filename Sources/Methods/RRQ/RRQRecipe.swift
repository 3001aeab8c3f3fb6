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
///     let record = try recipe.run(RunContext(loop: loop, parts: .init()))     // nil if a signal stopped it
///
/// Source: RRQ paper, Fig. 2 and 3 and section III.B.
public struct RRQRecipe {
    /// What a run is asked to do.
    struct Settings: Sendable {
        /// Where the split of the data, first codewords and draws come from.
        var seed: UInt64 = 1
        /// Share of the items that is only tested on, 0 to 0.99.
        var testFraction = 0.2
        /// Whether the images of a folder stay on one side of the split.
        var groupByFolder = false
        /// How vectors are decorrelated. The low frequencies follow from `superResolutionFactor` if they are not set.
        var preprocessing = DecorrelatingTransform.Settings()
        /// How layers are trained.
        var training = RRQTraining.Settings()
        /// Layers of plain K-means residual quantization to compare with; 0 leaves it out.
        var comparisonLayers = 0
        /// Factor of super-resolution, at least 2; nil leaves it out.
        var superResolutionFactor: Int?
        /// Share of the training images that are held out to weigh frequencies in super-resolution, 0 to 0.5.
        var calibrationFraction = 0.0
        /// Test images shown in the report.
        var pictures = 4
        /// Bytes of memory that a rank's vectors and residuals may take; what goes beyond lies in a scratch file. Nil for
        /// no limit. Not part of the result.
        var memoryBudget: Int?
        /// The folder of scratch files; nil for `ScratchFile.defaultFolder`.
        var scratchFolder: String?

        /// RRQ with the defaults of its keys.
        init() {}
    }

    let settings: Settings
    let source: any VectorSource

    /// - Parameter source: all items, training and test alike.
    init(settings: Settings, source: any VectorSource) {
        self.settings = settings
        self.source = source
    }

    /// What an interrupted run has finished: its layers, and those of K-means that they are compared with.
    public struct Finished: FinishedWork {
        /// The layers of RRQ.
        var layers = FinishedLayers()
        /// The layers of the K-means that it is compared with.
        var comparison = FinishedLayers()

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

    /// The folder of the comparison's layers until the run is finished.
    private static let comparisonFolder = Checkpoint.folderName + "/comparison"

    /// Runs everything. Called on every rank alike.
    /// - Returns: the record, with the pictures' files on the coordinator; nil if a signal stopped the run.
    /// - Throws: `LloydError` for data that cannot be read or split, or for data that cannot be quantized or
    ///   do not fit into memory.
    func run(_ run: RunContext<Finished>) throws -> RRQRecord? {
        let (loop, finished) = (run.loop, run.parts)
        let isBuiltIn = source is DeadLeaves || source is VarianceDecayingGaussian
        try MemoryBudget.require(
            bytes: settings.memoryBudget
                ?? MemoryBudget.product(source.count / loop.communicator.size + 1, source.dimension, 4),
            key: settings.memoryBudget != nil ? "data.memory" : isBuiltIn ? "data.count" : "data.path",
            what: "\(source.count) items of \(source.dimension) dimensions")
        let sources = try makeSources()
        let inventory = VectorInventory(
            settings: settings, dimension: source.dimension, isImage: source.imageShape != nil,
            train: sources.train.count, test: sources.test?.count ?? 0, heldOut: sources.heldOut?.count ?? 0)
        let memory = try inventory.memory(
            reduction: loop.reduction, budget: settings.memoryBudget, folder: settings.scratchFolder)
        let transform = try settings.makeTransform(shape: source.imageShape, dimension: source.dimension)
        loop.begin("preparing", spanning: 0...0.05)
        let data = try loop.measure("read data") {
            try RunVectors(
                sources: sources, factor: settings.superResolutionFactor, transform: transform, inventory: inventory,
                loop, memory)
        }
        guard try prepare(data, transform, loop) == .finished else { return nil }
        data.copySets()
        let train = EncodedSet(data.train, peak: peak, threads: threads(loop))
        let test = data[.test].map { EncodedSet($0, peak: peak, threads: threads(loop)) }
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
        let comparison = try compare(sources, inventory, transform, loop, memory, finished.comparison)
        guard let comparison else { return nil }
        return try loop.measure("write files") { try makeRecord(training, comparison, evaluator, sources, run) }
    }

    private func threads(_ loop: TrainingLoop) -> Int { loop.reduction.team.threads }

    /// The largest sample value of images; nil for vectors.
    private var peak: Double? { source.imageShape == nil ? nil : 1 }

    // MARK: Data

    /// The images or vectors that are held back for testing; nil for none.
    /// - Throws: `LloydError` for data that cannot be split as the settings say.
    func testSet() throws -> (any VectorSource)? { try makeSources().test }

    private func makeSources() throws -> RunVectors.Sources {
        let split = try settings.split(source)
        var train = split.train
        var heldOut: (any VectorSource)?
        if let inner = try settings.heldOutSplit(of: train.count, name: source.name) {
            heldOut = Subset(source, indices: inner.test.map { train[$0] }, name: "held-out images")
            train = inner.train.map { train[$0] }
        }
        return RunVectors.Sources(
            train: Subset(source, indices: train, name: "training set"),
            test: split.test.isEmpty ? nil : Subset(source, indices: split.test, name: "test set"), heldOut: heldOut)
    }

    /// Corrects interpolation if images were held out for it, then decorrelates all sets.
    private func prepare(
        _ data: RunVectors, _ transform: DecorrelatingTransform, _ loop: TrainingLoop
    ) throws -> TrainingLoop.Outcome {
        if let heldOut = data[.heldOut], let heldOutViews = data[.heldOutViews], let views = data[.views] {
            let correction = InterpolationCorrection(
                originals: heldOut, views: heldOutViews, corrected: [views, heldOutViews])
            guard try loop.run(correction) == .finished else { return .stopped }
        }
        return try loop.run(
            PreprocessingFit(transform: transform, train: data.train, others: data.others, threads: threads(loop)))
    }

    // MARK: Super-resolution and evaluation

    private struct SuperResolution {
        var sets: ImageEvaluator.SuperResolutionSets
        /// Every set that follows the training.
        var encoded: [EncodedSet]
    }

    private func makeSuperResolution(
        _ data: RunVectors, _ transform: DecorrelatingTransform, _ threads: Int
    ) -> SuperResolution? {
        guard let bicubic = data[.bicubic], let copy = data[.plain] else { return nil }
        let low = transform.subbands.lowFrequencies
        let plain = EncodedSet(copy, peak: 1, threads: threads)
        var result = SuperResolution(
            sets: .init(bicubic: bicubic, plain: plain, lowFrequencies: low), encoded: [plain])
        if let views = data[.views], let copy = data[.guided], let heldOut = data[.heldOut],
            let heldOutViews = data[.heldOutViews], let heldOutCopy = data[.heldOutGuided]
        {
            let guided = EncodedSet(copy, peak: 1, guides: 0..<low, threads: threads)
            let heldOutGuided = EncodedSet(heldOutCopy, peak: 1, guides: 0..<low, threads: threads)
            result.sets.calibrated = .init(
                views: views, guided: guided,
                calibration: SuperResolutionCalibration(
                    originals: heldOut, views: heldOutViews, guided: heldOutGuided))
            result.encoded += [guided, heldOutGuided]
        }
        return result
    }

    private func makeEvaluator(
        _ data: RunVectors, _ test: EncodedSet?, _ superResolution: ImageEvaluator.SuperResolutionSets?,
        _ transform: DecorrelatingTransform, _ threads: Int
    ) -> ImageEvaluator? {
        guard let shape = source.imageShape, let test, let originals = data[.originals] else { return nil }
        return ImageEvaluator(
            transform: transform, shape: shape, originals: originals, test: test, superResolution: superResolution,
            pictures: settings.pictures, lastLayer: settings.training.layers, threads: threads)
    }

    // MARK: K-means for comparison

    /// Plain residual quantization on the same vectors. Nil if a signal stopped it.
    private func compare(
        _ sources: RunVectors.Sources, _ inventory: VectorInventory, _ transform: DecorrelatingTransform,
        _ loop: TrainingLoop, _ memory: VectorMemory, _ finished: FinishedLayers
    ) throws -> [LayerRecord]? {
        guard inventory.holds(.comparedTrain) else { return [] }
        // Its codebooks are not a result of the run, but an interrupted run continues with them.
        loop.begin(
            "K-means for comparison", id: "comparison", spanning: 0.6...1,
            output: .resumable(folder: Self.comparisonFolder))
        let (train, test) = try loop.measure("read data") {
            (
                try RunVectors.load(sources.train, "train", transform, loop, memory),
                try sources.test.map { try RunVectors.load($0, "test", transform, loop, memory) }
            )
        }
        guard
            try loop.run(
                PreprocessingFit(
                    transform: transform, train: train, others: [test].compactMap { $0 }, isFitted: true,
                    threads: threads(loop))) == .finished
        else { return nil }
        var plain = settings.training
        plain.method = .kmeans
        plain.layers = settings.comparisonLayers
        plain.initialization = .samples
        plain.snapshots = []
        let training = try RRQTraining(
            settings: plain, train: EncodedSet(train, peak: peak, threads: threads(loop)),
            others: test.map { [EncodedSet($0, peak: peak, threads: threads(loop))] } ?? [],
            seed: settings.seed, threads: threads(loop), given: finished)
        guard try training.run(on: loop) == .finished else { return nil }
        return training.records
    }

    // MARK: Record

    private func makeRecord(
        _ training: RRQTraining, _ comparison: [LayerRecord], _ evaluator: ImageEvaluator?,
        _ sources: RunVectors.Sources, _ run: RunContext<Finished>
    ) throws -> RRQRecord {
        var pictures: [RRQRecord.PictureRecord] = []
        if let evaluator, let test = sources.test {
            pictures = try evaluator.pictures.map { picture in
                // Originals and low-resolution images are the same after every layer.
                let layer = picture.restoration.isFixed ? 0 : picture.layer
                let file = "pictures/test-\(picture.item)-\(picture.restoration.rawValue)-\(layer).png"
                try run.write(Artifact(path: file) { try picture.image.writePNG(to: $0) })
                let original = evaluator.pictures.first { $0.item == picture.item && $0.restoration == .original }
                return RRQRecord.PictureRecord(
                    file: file, layer: layer, restoration: picture.restoration, item: picture.item,
                    name: test.itemName(picture.item),
                    psnr: picture.restoration == .original
                        ? nil : original.map { PSNR.decibels(ofSamples: $0.image.samples, picture.image.samples) })
            }
        }
        let shape = source.imageShape
        let damaged = (source as? ImageFolder)?.damaged ?? []
        return RRQRecord(
            dataName: damaged.isEmpty ? source.name : "\(source.name) (\(damaged.count) damaged left out)",
            trainCount: sources.train.count, testCount: sources.test?.count ?? 0,
            heldOutCount: sources.heldOut?.count ?? 0, dimension: source.dimension, imageWidth: shape?.width,
            imageHeight: shape?.height, imageChannels: shape?.channels, codewords: settings.training.codewords,
            layers: training.records, comparison: comparison,
            sourceVariances: blockMeans(training.sourceVariances, blocks: 2048),
            qualities: evaluator?.qualities ?? [], pictures: pictures,
            superResolutionFactor: settings.superResolutionFactor, damaged: damaged.isEmpty ? nil : damaged)
    }
}

/// The values themselves, or means over `blocks` equal blocks if there are more.
func blockMeans(_ values: [Double], blocks: Int) -> [Double] {
    guard values.count > blocks else { return values }
    return (0..<blocks).map { block in
        let range = block * values.count / blocks..<(block + 1) * values.count / blocks
        return values[range].reduce(0, +) / Double(range.count)
    }
}
