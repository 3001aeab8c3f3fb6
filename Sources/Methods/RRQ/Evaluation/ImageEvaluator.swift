import Datasets
import Foundation
import Numerics
import Quantization
import Training

/// What a run shows of its test images after some layers: quality of every kind of restoration, and pictures of a few.
final class ImageEvaluator: RRQTraining.Evaluator {
    /// The ways a test image is restored.
    enum Restoration: String, Codable, Sendable, CaseIterable {
        case original
        /// Encoded by the layers and decoded.
        case reconstruction
        /// Down-sampled and up-sampled: what super-resolution starts from.
        case bicubic
        /// The paper's: the bicubic image, encoded and decoded.
        case plain
        /// The bicubic image with only the frequencies that it lost taken from the plain restoration.
        case lowKept = "low-kept"
        /// The bicubic image with its damped frequencies raised again, by as much as held-out training images show.
        case corrected
        /// The corrected image and codewords chosen by its low frequencies alone, weighted by what works best on held-out images.
        case calibrated

        /// Whether it is the same after every layer.
        var isFixed: Bool { self == .original || self == .bicubic || self == .corrected }
    }

    /// The sets that super-resolution encodes, and the low-resolution images themselves.
    struct SuperResolutionSets {
        /// The test images in low resolution.
        var bicubic: VectorShards
        /// The same, encoded layer by layer.
        var plain: EncodedSet
        /// How many dimensions, the first, hold the frequencies that survive down-sampling.
        var lowFrequencies: Int
        /// What needs images held out of training; nil without them.
        var calibrated: Calibrated?

        /// What a calibrated restoration is made of.
        struct Calibrated {
            /// The test images in low resolution, interpolation corrected.
            var views: VectorShards
            /// The same, encoded layer by layer by their low frequencies.
            var guided: EncodedSet
            /// How far each of them is trusted.
            var calibration: SuperResolutionCalibration
        }
    }

    /// Quality of one kind of restoration after some layers, mean over the test images.
    struct Quality: Codable, Sendable {
        var layer: Int
        var restoration: Restoration
        /// Mean PSNR in dB over images, 8-bit rounded.
        var psnr: Double
        /// Mean SSIM over images, after the last layer; nil for images under 11 pixels.
        var ssim: Double?
    }

    /// A restored test image.
    struct Picture {
        var layer: Int
        var restoration: Restoration
        /// Number of the image in the test set.
        var item: Int
        var image: Image
    }

    /// After every layer that was looked at, in order.
    private(set) var qualities: [Quality] = []
    /// Of the shown images after the same layers.
    private(set) var pictures: [Picture] = []
    /// Test images that are shown, by their number in the test set.
    let shown: [Int]

    private let transform: DecorrelatingTransform
    private let shape: ImageShape
    private let originals: VectorShards
    private let test: EncodedSet
    private let superResolution: SuperResolutionSets?
    private let quality: ImageQuality
    private let restorations: [Restoration]
    private let lastLayer: Int
    private let memory: [(pixels: AlignedBuffer<Float>, scratch: AlignedBuffer<Float>)]
    /// The original pixels of each owned shard, restored once and kept. A shard is touched by one thread at a time.
    private let truths: [Truth]

    private final class Truth { var pixels: StoredMatrix? }

    /// - Parameters:
    ///   - transform: fitted.
    ///   - shape: of the images.
    ///   - originals: the test images, decorrelated, before any layer.
    ///   - pictures: how many test images are shown.
    ///   - lastLayer: the layer after which SSIM is measured too.
    init(
        transform: DecorrelatingTransform, shape: ImageShape, originals: VectorShards, test: EncodedSet,
        superResolution: SuperResolutionSets?, pictures: Int, lastLayer: Int, threads: Int
    ) {
        self.transform = transform
        self.shape = shape
        self.originals = originals
        self.test = test
        self.superResolution = superResolution
        self.lastLayer = lastLayer
        quality = ImageQuality(shape: shape, threads: threads)
        let count = originals.count
        let wanted = min(pictures, count)
        shown = (0..<wanted).map { (2 * $0 + 1) * count / (2 * wanted) }
        restorations = Restoration.allCases.filter { kind in
            switch kind {
            case .original, .reconstruction: true
            case .bicubic, .plain, .lowKept: superResolution != nil
            case .corrected, .calibrated: superResolution?.calibrated != nil
            }
        }
        let longest = max(originals.longestShard, 1)
        let scratch = transform.restoreScratchCount(longest)
        memory = (0..<threads).map { _ in
            (AlignedBuffer(count: longest * transform.dimension), AlignedBuffer(count: scratch))
        }
        truths = originals.owned.map { _ in Truth() }
    }

    /// Weighs frequencies if images were held out for it, then restores the test images.
    func methods(afterLayer layer: Int) -> [any TrainingMethod] {
        let weighing = superResolution?.calibrated.map { WeighingStep($0.calibration) }
        return [weighing as (any TrainingMethod)?, RestorationStep(self, layer: layer)].compactMap { $0 }
    }

    /// What a restoration sums up.
    private struct Fields {
        var layout = StatisticsLayout()
        /// Of every kind of restoration: PSNR and SSIM, summed over the images.
        let psnr: SumsField
        let ssim: SumsField
        /// The shown images, restored in every way: those of the first image first.
        let pictures: RowsField

        init(restorations: Int, shown: Int, dimension: Int) {
            psnr = layout.addSums(restorations)
            ssim = layout.addSums(restorations)
            pictures = layout.addRows(shown * restorations, columns: dimension)
        }
    }

    /// Restores the test images after a layer: a step.
    private final class RestorationStep: TrainingMethod {
        private let evaluator: ImageEvaluator
        private let layer: Int
        private let fields: Fields
        private(set) var isFinished = false

        init(_ evaluator: ImageEvaluator, layer: Int) {
            self.evaluator = evaluator
            self.layer = layer
            fields = Fields(
                restorations: evaluator.restorations.count, shown: evaluator.shown.count,
                dimension: evaluator.transform.dimension)
        }

        var phase: String { "evaluate" }
        var progress: Double { isFinished ? 1 : 0 }
        var layout: StatisticsLayout { fields.layout }

        func map(shard: Int, worker: Int, into statistics: Statistics) throws {
            try evaluator.originals.memory.check()
            try evaluator.map(shard: shard, layer: layer, worker: worker, fields, into: statistics)
        }

        func update(_ total: Statistics, team: Team) throws -> MetricRow? {
            evaluator.update(total, fields, layer: layer)
            isFinished = true
            return nil
        }
    }

    /// Weighs the frequencies of held-out images: a step.
    private final class WeighingStep: TrainingMethod {
        private let calibration: SuperResolutionCalibration
        private(set) var isFinished = false

        init(_ calibration: SuperResolutionCalibration) { self.calibration = calibration }

        var phase: String { "evaluate" }
        var progress: Double { isFinished ? 1 : 0 }
        var layout: StatisticsLayout { calibration.layout }

        func map(shard: Int, worker: Int, into statistics: Statistics) throws {
            calibration.map(shard: shard, into: statistics)
        }

        func update(_ total: Statistics, team: Team) throws -> MetricRow? {
            calibration.update(total)
            isFinished = true
            return nil
        }
    }

    private func map(shard: Int, layer: Int, worker: Int, _ fields: Fields, into statistics: Statistics) throws {
        let (psnr, ssim) = (statistics[fields.psnr], statistics[fields.ssim])
        let rows = originals.rows(shard)
        let first = originals.ranges[shard].lowerBound
        let dimension = transform.dimension
        let truth = truth(ofShard: shard, worker: worker).pointer
        for (number, restoration) in restorations.enumerated() {
            // What no layer changes is looked at once, at the end.
            if restoration.isFixed, layer != lastLayer { continue }
            var pixels = memory[worker].pixels.pointer
            if restoration == .original {
                pixels = truth
            } else {
                fill(pixels, restoration, shard: shard)
                restore(pixels, count: rows, worker: worker)
            }
            for item in 0..<rows {
                let restored = pixels + item * dimension
                if restoration != .original {
                    let original = truth + item * dimension
                    psnr[number] += quality.psnr(original, restored)
                    if layer == lastLayer {
                        ssim[number] += quality.ssim(original, restored, worker: worker)
                    }
                }
                if let index = shown.firstIndex(of: first + item) {
                    statistics.handOver(
                        fields.pictures, index * restorations.count + number, restored, count: dimension)
                }
            }
        }
    }

    private func truth(ofShard shard: Int, worker: Int) -> Matrix {
        let kept = truths[shard - originals.owned.lowerBound]
        if let known = kept.pixels { return known.use() }
        let stored = originals.memory.matrix(rows: originals.rows(shard), columns: transform.dimension)
        let pixels = stored.use()
        fill(pixels.pointer, .original, shard: shard)
        restore(pixels.pointer, count: pixels.rows, worker: worker)
        kept.pixels = stored
        return pixels
    }

    private func restore(_ vectors: UnsafeMutablePointer<Float>, count: Int, worker: Int) {
        transform.restorePixels(vectors, count: count, scratch: memory[worker].scratch.pointer)
        roundToBytes(vectors, count: count * transform.dimension)
    }

    /// Writes the shard's decorrelated vectors, restored in one way.
    private func fill(_ target: UnsafeMutablePointer<Float>, _ restoration: Restoration, shard: Int) {
        let original = originals[shard]
        target.update(from: original.pointer, count: original.count)
        switch restoration {
        case .original: break
        case .reconstruction: subtract(test.vectors[shard], from: target, dimensions: 0..<transform.dimension)
        case .bicubic, .plain, .lowKept:
            guard let sets = superResolution else { preconditionFailure("\(restoration) needs super-resolution") }
            target.update(from: sets.bicubic[shard].pointer, count: original.count)
            guard restoration != .bicubic else { return }
            let first = restoration == .plain ? 0 : sets.lowFrequencies
            subtract(sets.plain.vectors[shard], from: target, dimensions: first..<transform.dimension)
        case .corrected, .calibrated:
            guard let sets = superResolution?.calibrated else {
                preconditionFailure("\(restoration) needs held-out images")
            }
            target.update(from: sets.views[shard].pointer, count: original.count)
            if restoration == .calibrated {
                sets.calibration.restore(target, residuals: sets.guided.vectors[shard])
            }
        }
    }

    private func subtract(_ residual: Matrix, from target: UnsafeMutablePointer<Float>, dimensions: Range<Int>) {
        for item in 0..<residual.rows {
            let row = residual.pointer + item * residual.columns
            let output = target + item * residual.columns
            for index in dimensions { output[index] -= row[index] }
        }
    }

    private func update(_ total: Statistics, _ fields: Fields, layer: Int) {
        let count = Double(originals.count)
        let present = restorations.enumerated().filter { !$0.element.isFixed || layer == lastLayer }
        for (number, restoration) in present where restoration != .original {
            let ssim = total[fields.ssim][number] / count
            qualities.append(
                Quality(
                    layer: layer, restoration: restoration, psnr: total[fields.psnr][number] / count,
                    ssim: layer == lastLayer && !ssim.isNaN ? ssim : nil))
        }
        for (index, item) in shown.enumerated() {
            for (number, restoration) in present {
                let row = total.row(fields.pictures, index * restorations.count + number)
                let samples = UnsafeBufferPointer(start: row, count: transform.dimension)
                pictures.append(
                    Picture(
                        layer: layer, restoration: restoration, item: item, image: Image(Array(samples), shape: shape)))
            }
        }
    }
}
