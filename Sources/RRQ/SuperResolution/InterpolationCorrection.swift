import Numerics
import Training

/// Undoes what interpolation does to each frequency: bicubic down- and up-sampling damps frequencies near the limit.
///
///     let correction = InterpolationCorrection(originals: heldOut, views: heldOutViews, corrected: [testViews])
///     _ = try loop.run(correction)                            // the views are corrected in place
///
/// Every 2D-DCT coefficient of a low-resolution view becomes mean(x) + g (y - mean(y)), where g = cov(x, y) / var(y) and the
/// means come from images held out of training. Runs before the bands are rotated into their principal components.
public final class InterpolationCorrection: TrainingMethod {
    private let originals: VectorShards
    private let views: VectorShards
    private let corrected: [VectorShards]
    private var gains: AlignedBuffer<Float>?
    private var offsets: AlignedBuffer<Float>
    public private(set) var isFinished = false

    /// - Parameters:
    ///   - originals, views: the same images in full and in low resolution, in band order, neither centred nor rotated.
    ///   - corrected: the sets to correct, which may include `views`.
    public init(originals: VectorShards, views: VectorShards, corrected: [VectorShards]) {
        self.originals = originals
        self.views = views
        self.corrected = corrected
        offsets = AlignedBuffer(count: originals.dimension)
    }

    private var dimension: Int { originals.dimension }
    public var phase: String { gains == nil ? "damping of interpolation" : "correct interpolation" }
    public var progress: Double { isFinished ? 1 : gains == nil ? 0 : 0.5 }
    public var layout: StatisticsLayout { StatisticsLayout(sums: gains == nil ? 4 * dimension : 0) }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        guard let gains else { return addMoments(shard, to: statistics.sums.baseAddress!) }
        for set in corrected {
            let matrix = set[shard]
            for item in 0..<matrix.rows {
                let row = matrix.pointer + item * dimension
                for place in 0..<dimension { row[place] = offsets.pointer[place] + gains.pointer[place] * row[place] }
            }
        }
    }

    private func addMoments(_ shard: Int, to sums: UnsafeMutablePointer<Double>) {
        let (truth, view) = (originals[shard], views[shard])
        for item in 0..<truth.rows {
            let x = truth.pointer + item * dimension
            let y = view.pointer + item * dimension
            for place in 0..<dimension {
                let (a, b) = (Double(x[place]), Double(y[place]))
                sums[place] += a
                sums[dimension + place] += b
                sums[2 * dimension + place] += a * b
                sums[3 * dimension + place] += b * b
            }
        }
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        guard gains == nil else {
            isFinished = true
            return nil
        }
        let gains = AlignedBuffer<Float>(count: dimension)
        let count = Double(originals.count)
        for place in 0..<dimension {
            let meanX = total.sums[place] / count
            let meanY = total.sums[dimension + place] / count
            let covariance = total.sums[2 * dimension + place] / count - meanX * meanY
            let variance = total.sums[3 * dimension + place] / count - meanY * meanY
            let gain = variance > 0 ? covariance / variance : 0
            gains[place] = Float(gain)
            offsets[place] = Float(meanX - gain * meanY)
        }
        self.gains = gains
        return nil
    }
}
