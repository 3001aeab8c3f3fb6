import Numerics
import Training

/// Undoes what interpolation does to each frequency: bicubic down- and up-sampling damps frequencies near the limit.
///
///     let correction = InterpolationCorrection(originals: heldOut, views: heldOutViews, corrected: [testViews])
///     _ = try loop.run(correction)                            // the views are corrected in place
///
/// Every 2D-DCT coefficient of a low-resolution view becomes mean(x) + g (y - mean(y)), where g = cov(x, y) / var(y) and the
/// means come from images held out of training. Runs before the bands are rotated into their principal components.
final class InterpolationCorrection: TrainingMethod {
    private let originals: VectorShards
    private let views: VectorShards
    private let corrected: [VectorShards]
    private var stage: Stage

    /// Sums over the held-out images x and their views y, by coefficient.
    private struct Moments {
        var layout = StatisticsLayout()
        let x, y, xy, yy: SumsField

        init(dimension: Int) {
            x = layout.addSums(dimension)
            y = layout.addSums(dimension)
            xy = layout.addSums(dimension)
            yy = layout.addSums(dimension)
        }
    }

    /// What turns a coefficient of a view into one of the corrected view.
    private struct Correction {
        let gains: AlignedBuffer<Float>
        let offsets: AlignedBuffer<Float>
    }

    private enum Stage {
        case measure(Moments)
        case correct(Correction)
        case finished
    }

    /// - Parameters:
    ///   - originals: images in band order, neither centered nor rotated.
    ///   - views: the same images in low resolution.
    ///   - corrected: the sets to correct, which may include `views`.
    init(originals: VectorShards, views: VectorShards, corrected: [VectorShards]) {
        self.originals = originals
        self.views = views
        self.corrected = corrected
        stage = .measure(Moments(dimension: originals.dimension))
    }

    private var dimension: Int { originals.dimension }
    var isFinished: Bool { if case .finished = stage { true } else { false } }

    var phase: String {
        if case .measure = stage { "damping of interpolation" } else { "correct interpolation" }
    }

    var progress: Double {
        switch stage {
        case .measure: 0
        case .correct: 0.5
        case .finished: 1
        }
    }

    var layout: StatisticsLayout {
        if case .measure(let moments) = stage { moments.layout } else { StatisticsLayout() }
    }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        switch stage {
        case .measure(let moments): add(shard, moments, to: statistics)
        case .correct(let correction): correct(shard, correction)
        case .finished: break
        }
    }

    private func add(_ shard: Int, _ moments: Moments, to statistics: Statistics) {
        let (truth, view) = (originals[shard], views[shard])
        let (sumX, sumY) = (statistics[moments.x], statistics[moments.y])
        let (sumXY, sumYY) = (statistics[moments.xy], statistics[moments.yy])
        for item in 0..<truth.rows {
            let x = truth.pointer + item * dimension
            let y = view.pointer + item * dimension
            for index in 0..<dimension {
                let (a, b) = (Double(x[index]), Double(y[index]))
                sumX[index] += a
                sumY[index] += b
                sumXY[index] += a * b
                sumYY[index] += b * b
            }
        }
    }

    private func correct(_ shard: Int, _ correction: Correction) {
        let (gains, offsets) = (correction.gains.pointer, correction.offsets.pointer)
        for set in corrected {
            let matrix = set[shard]
            for item in 0..<matrix.rows {
                let row = matrix.pointer + item * dimension
                for index in 0..<dimension { row[index] = offsets[index] + gains[index] * row[index] }
            }
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        switch stage {
        case .measure(let moments): stage = .correct(correction(from: total, moments))
        case .correct, .finished: stage = .finished
        }
        return nil
    }

    private func correction(from total: Statistics, _ moments: Moments) -> Correction {
        let (gains, offsets) = (AlignedBuffer<Float>(count: dimension), AlignedBuffer<Float>(count: dimension))
        let count = Double(originals.count)
        for index in 0..<dimension {
            let meanX = total[moments.x][index] / count
            let meanY = total[moments.y][index] / count
            let covariance = total[moments.xy][index] / count - meanX * meanY
            let variance = total[moments.yy][index] / count - meanY * meanY
            let gain = variance > 0 ? covariance / variance : 0
            gains[index] = Float(gain)
            offsets[index] = Float(meanX - gain * meanY)
        }
        return Correction(gains: gains, offsets: offsets)
    }
}
