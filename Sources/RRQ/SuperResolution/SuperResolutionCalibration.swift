import Numerics
import Training

/// How far to trust each frequency in super-resolution, learned from training images that took no part in learning
/// codebooks.
///
/// For low frequencies the weight is that of the bicubic image's coefficient (interpolation damps those near the limit),
/// for the others that of what the codebooks supply. The best weight in the squared sense, sum x y / sum y^2, is taken
/// over blocks of neighbouring dimensions and kept within 0...2; a few held-out images determine it well.
public final class SuperResolutionCalibration {
    private let originals: VectorShards
    private let bicubic: VectorShards
    private let guided: EncodedSet
    private let lowFrequencies: Int
    private let blockSize: Int
    /// One weight per dimension.
    private(set) var weights: AlignedBuffer<Float>

    /// - Parameters:
    ///   - originals, bicubic: the held-out images, decorrelated, in full and in low resolution.
    ///   - guided: the low-resolution images again, encoded layer by layer by their low frequencies.
    public init(
        originals: VectorShards, bicubic: VectorShards, guided: EncodedSet, lowFrequencies: Int, blockSize: Int = 32
    ) {
        self.originals = originals
        self.bicubic = bicubic
        self.guided = guided
        self.lowFrequencies = lowFrequencies
        self.blockSize = blockSize
        weights = AlignedBuffer(count: originals.dimension)
        weights.elements.update(repeating: 1)
    }

    private var blocks: Int { (originals.dimension + blockSize - 1) / blockSize }
    var layout: StatisticsLayout { StatisticsLayout(sums: 2 * blocks) }

    func map(shard: Int, into statistics: Statistics) {
        let (truth, start, residual) = (originals[shard], bicubic[shard], guided.vectors[shard])
        for item in 0..<truth.rows {
            let x = truth.pointer + item * truth.columns
            let y = start.pointer + item * truth.columns
            let r = residual.pointer + item * truth.columns
            for place in 0..<truth.columns {
                let given = place < lowFrequencies ? y[place] : y[place] - r[place]
                let block = place / blockSize
                statistics.sums[2 * block] += Double(x[place]) * Double(given)
                statistics.sums[2 * block + 1] += Double(given) * Double(given)
            }
        }
    }

    func update(_ total: Statistics) {
        for place in 0..<originals.dimension {
            let block = place / blockSize
            let (product, square) = (total.sums[2 * block], total.sums[2 * block + 1])
            weights[place] = square > 0 ? Float(min(max(product / square, 0), 2)) : 0
        }
    }

    /// Turns bicubic images into calibrated ones, in place: low frequencies weighted, the others replaced by the weighted
    /// ones from the codebooks.
    func restore(_ target: UnsafeMutablePointer<Float>, residuals: Matrix, low: Int) {
        for item in 0..<residuals.rows {
            let output = target + item * residuals.columns
            let residual = residuals.pointer + item * residuals.columns
            for place in 0..<low { output[place] *= weights[place] }
            for place in low..<residuals.columns {
                output[place] = weights[place] * (output[place] - residual[place])
            }
        }
    }
}
