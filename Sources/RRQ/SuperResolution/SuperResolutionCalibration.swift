import Numerics
import Training

/// How far to trust the small image and the codebooks in super-resolution, learned from images that took no part in learning
/// codebooks.
///
/// The restored vector is a y + b q, where y is the corrected low-resolution view and q what the layers' codewords add up
/// to. The two weights solve the least-squares problem on the held-out images, over blocks of neighbouring dimensions: a few
/// images determine them well.
public final class SuperResolutionCalibration {
    private let originals: VectorShards
    private let views: VectorShards
    private let guided: EncodedSet
    private let blockSize: Int
    private(set) var viewWeights: AlignedBuffer<Float>
    private(set) var codewordWeights: AlignedBuffer<Float>

    /// - Parameters:
    ///   - originals, views: the held-out images, decorrelated, in full and in corrected low resolution.
    ///   - guided: the views again, encoded layer by layer by their low frequencies.
    public init(originals: VectorShards, views: VectorShards, guided: EncodedSet, blockSize: Int = 32) {
        self.originals = originals
        self.views = views
        self.guided = guided
        self.blockSize = blockSize
        viewWeights = AlignedBuffer(count: originals.dimension)
        codewordWeights = AlignedBuffer(count: originals.dimension)
        viewWeights.elements.update(repeating: 1)
    }

    private var blocks: Int { (originals.dimension + blockSize - 1) / blockSize }
    var layout: StatisticsLayout { StatisticsLayout(sums: 5 * blocks) }

    func map(shard: Int, into statistics: Statistics) {
        let (truth, view, residual) = (originals[shard], views[shard], guided.vectors[shard])
        for item in 0..<truth.rows {
            let start = item * truth.columns
            for place in 0..<truth.columns {
                let x = Double(truth.pointer[start + place])
                let y = Double(view.pointer[start + place])
                let q = y - Double(residual.pointer[start + place])
                let sums = statistics.sums.baseAddress! + 5 * (place / blockSize)
                sums[0] += y * y
                sums[1] += y * q
                sums[2] += q * q
                sums[3] += x * y
                sums[4] += x * q
            }
        }
    }

    func update(_ total: Statistics) {
        for block in 0..<blocks {
            let sums = total.sums.baseAddress! + 5 * block
            // A trace of regularization keeps the problem solvable where y and q agree, or nothing was encoded.
            let (yy, qq) = (sums[0] * (1 + 1e-6) + 1e-30, sums[2] * (1 + 1e-6) + 1e-30)
            let determinant = yy * qq - sums[1] * sums[1]
            let view = (sums[3] * qq - sums[4] * sums[1]) / determinant
            let codeword = (sums[4] * yy - sums[3] * sums[1]) / determinant
            for place in block * blockSize..<min((block + 1) * blockSize, originals.dimension) {
                viewWeights[place] = Float(view)
                codewordWeights[place] = Float(codeword)
            }
        }
    }

    /// Turns corrected views into restored images, in place.
    func restore(_ target: UnsafeMutablePointer<Float>, residuals: Matrix) {
        for item in 0..<residuals.rows {
            let output = target + item * residuals.columns
            let residual = residuals.pointer + item * residuals.columns
            for place in 0..<residuals.columns {
                let view = output[place]
                output[place] =
                    viewWeights.pointer[place] * view + codewordWeights.pointer[place] * (view - residual[place])
            }
        }
    }
}
