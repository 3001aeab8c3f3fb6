import Datasets
import Foundation
import Numerics
import Quantization
import Training

/// What a run shows of its test images after some layers: quality of every kind of restoration, and pictures of a few.
public final class ImageEvaluator: RRQTraining.Evaluator {
    /// The ways a test image is restored.
    public enum Restoration: String, Codable, Sendable, CaseIterable {
        case original
        /// Encoded by the layers and decoded.
        case reconstruction
        /// Down-sampled and up-sampled: what super-resolution starts from.
        case bicubic
        /// The paper's: the bicubic image, encoded and decoded.
        case plain
        /// The bicubic image with only the frequencies that it lost taken from the plain restoration.
        case lowKept = "low-kept"
        /// The bicubic image with its damped frequencies raised again, as held-out training images ask for.
        case corrected
        /// The corrected image and codewords chosen by its low frequencies alone, weighted as held-out images ask for.
        case calibrated

        /// Whether it is the same after every layer.
        public var isFixed: Bool { self == .original || self == .bicubic || self == .corrected }
    }

    /// The sets that super-resolution encodes, and the low-resolution images themselves.
    public struct SuperResolutionSets {
        public var bicubic: VectorShards
        public var plain: EncodedSet
        /// How many dimensions, the first, hold the frequencies that survive down-sampling.
        public var lowFrequencies: Int
        /// What needs images held out of training; nil without them.
        public var calibrated: Calibrated?

        public struct Calibrated {
            /// The test images in low resolution, interpolation corrected.
            public var views: VectorShards
            /// The same, encoded layer by layer by their low frequencies.
            public var guided: EncodedSet
            public var calibration: SuperResolutionCalibration
        }
    }

    /// Quality of one kind of restoration after some layers, mean over the test images.
    public struct Quality: Codable, Sendable {
        public var layer: Int
        public var restoration: Restoration
        /// Mean PSNR in dB over images, 8-bit rounded.
        public var psnr: Double
        /// Mean SSIM over images, after the last layer; nil for images under 11 pixels.
        public var ssim: Double?
    }

    /// A restored test image.
    public struct Picture {
        public var layer: Int
        public var restoration: Restoration
        /// Number of the image in the test set.
        public var item: Int
        public var image: Image
    }

    public private(set) var qualities: [Quality] = []
    public private(set) var pictures: [Picture] = []
    /// Test images that are shown, by their number in the test set.
    public let shown: [Int]

    private let transform: DecorrelatingTransform
    private let shape: ImageShape
    private let originals: VectorShards
    private let test: EncodedSet
    private let superResolution: SuperResolutionSets?
    private var calibration: SuperResolutionCalibration? { superResolution?.calibrated?.calibration }
    private let quality: ImageQuality
    private let restorations: [Restoration]
    private let lastLayer: Int
    /// Whether the next step weighs frequencies rather than restoring images.
    private var isCalibrating: Bool
    private let memory: [(pixels: AlignedBuffer<Float>, scratch: AlignedBuffer<Float>)]
    /// The original pixels of each owned shard, restored once and kept. A shard is touched by one thread at a time.
    private let truths: [Truth]

    private final class Truth { var pixels: StoredMatrix? }

    /// - Parameters:
    ///   - originals: the test images, decorrelated, before any layer.
    ///   - pictures: how many test images are shown.
    ///   - lastLayer: the layer after which SSIM is measured too.
    public init(
        transform: DecorrelatingTransform, originals: VectorShards, test: EncodedSet,
        superResolution: SuperResolutionSets?, pictures: Int, lastLayer: Int, threads: Int
    ) {
        self.transform = transform
        shape = transform.shape!
        self.originals = originals
        self.test = test
        self.superResolution = superResolution
        self.lastLayer = lastLayer
        isCalibrating = superResolution?.calibrated != nil
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

    public var layout: StatisticsLayout {
        if isCalibrating { return calibration!.layout }
        return StatisticsLayout(
            rows: shown.count * restorations.count, columns: transform.dimension, sums: 2 * restorations.count)
    }

    public func map(shard: Int, layer: Int, worker: Int, into statistics: Statistics) throws {
        if isCalibrating { return calibration!.map(shard: shard, into: statistics) }
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
                    statistics.sums[2 * number] += quality.psnr(original, restored)
                    if layer == lastLayer {
                        statistics.sums[2 * number + 1] += quality.ssim(original, restored, worker: worker)
                    }
                }
                if let place = shown.firstIndex(of: first + item) {
                    statistics.handOver(row: place * restorations.count + number, restored, count: dimension)
                }
            }
        }
    }

    private func truth(ofShard shard: Int, worker: Int) -> Matrix {
        let place = truths[shard - originals.owned.lowerBound]
        if let known = place.pixels { return known.use() }
        let stored = originals.memory.matrix(rows: originals.rows(shard), columns: transform.dimension)
        let pixels = stored.use()
        fill(pixels.pointer, .original, shard: shard)
        restore(pixels.pointer, count: pixels.rows, worker: worker)
        place.pixels = stored
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
        case .reconstruction: subtract(test.vectors[shard], from: target, places: 0..<transform.dimension)
        case .bicubic, .plain, .lowKept:
            let sets = superResolution!
            target.update(from: sets.bicubic[shard].pointer, count: original.count)
            guard restoration != .bicubic else { return }
            let first = restoration == .plain ? 0 : sets.lowFrequencies
            subtract(sets.plain.vectors[shard], from: target, places: first..<transform.dimension)
        case .corrected, .calibrated:
            let sets = superResolution!.calibrated!
            target.update(from: sets.views[shard].pointer, count: original.count)
            if restoration == .calibrated {
                sets.calibration.restore(target, residuals: sets.guided.vectors[shard])
            }
        }
    }

    private func subtract(_ residual: Matrix, from target: UnsafeMutablePointer<Float>, places: Range<Int>) {
        for item in 0..<residual.rows {
            let row = residual.pointer + item * residual.columns
            let output = target + item * residual.columns
            for place in places { output[place] -= row[place] }
        }
    }

    public func update(_ total: Statistics, layer: Int) throws -> Bool {
        if isCalibrating {
            calibration!.update(total)
            isCalibrating = false
            return true
        }
        isCalibrating = calibration != nil
        let present = restorations.enumerated().filter { !$0.element.isFixed || layer == lastLayer }
        for (number, restoration) in present where restoration != .original {
            let ssim = total.sums[2 * number + 1] / Double(originals.count)
            qualities.append(
                Quality(
                    layer: layer, restoration: restoration, psnr: total.sums[2 * number] / Double(originals.count),
                    ssim: layer == lastLayer && !ssim.isNaN ? ssim : nil))
        }
        for (place, item) in shown.enumerated() {
            for (number, restoration) in present {
                let row = total.bulk + (place * restorations.count + number) * transform.dimension
                let samples = UnsafeBufferPointer(start: row, count: transform.dimension)
                pictures.append(
                    Picture(
                        layer: layer, restoration: restoration, item: item, image: Image(Array(samples), shape: shape)))
            }
        }
        return false
    }
}
