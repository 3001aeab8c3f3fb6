import Numerics
import Training

/// How far to trust the small image and the codebooks in super-resolution, learned from images that took no part in learning
/// codebooks.
///
/// The restored vector is a y + b q, where y is the corrected low-resolution view and q what the layers' codewords add up
/// to. The two weights solve the least-squares problem on the held-out images, over blocks of neighboring dimensions: a few
/// images determine them well.
final class SuperResolutionCalibration {
    private let originals: VectorShards
    private let views: VectorShards
    private let guided: EncodedSet
    private let blockSize: Int
    private(set) var viewWeights: AlignedBuffer<Float>
    private(set) var codewordWeights: AlignedBuffer<Float>
    private let moments: SumsTable
    let layout: StatisticsLayout

    /// Sums of a block of dimensions, over images x, their corrected views y and the codewords' sums q.
    private enum Moments {
        static let (yy, yq, qq, xy, xq) = (0, 1, 2, 3, 4)
        static let count = 5
    }

    /// - Parameters:
    ///   - originals: the held-out images, decorrelated.
    ///   - views: the same images in corrected low resolution.
    ///   - guided: the views again, encoded layer by layer by their low frequencies.
    init(originals: VectorShards, views: VectorShards, guided: EncodedSet, blockSize: Int = 32) {
        self.originals = originals
        self.views = views
        self.guided = guided
        self.blockSize = blockSize
        var layout = StatisticsLayout()
        moments = layout.addTable(
            rows: (originals.dimension + blockSize - 1) / blockSize, columns: Moments.count)
        self.layout = layout
        viewWeights = AlignedBuffer(count: originals.dimension)
        codewordWeights = AlignedBuffer(count: originals.dimension)
        viewWeights.elements.update(repeating: 1)
    }

    func map(shard: Int, into statistics: Statistics) {
        let (truth, view, residual) = (originals[shard], views[shard], guided.vectors[shard])
        for item in 0..<truth.rows {
            let start = item * truth.columns
            for index in 0..<truth.columns {
                let x = Double(truth.pointer[start + index])
                let y = Double(view.pointer[start + index])
                let q = y - Double(residual.pointer[start + index])
                let sums = statistics[moments[index / blockSize]]
                sums[Moments.yy] += y * y
                sums[Moments.yq] += y * q
                sums[Moments.qq] += q * q
                sums[Moments.xy] += x * y
                sums[Moments.xq] += x * q
            }
        }
    }

    func update(_ total: Statistics) {
        for block in 0..<moments.rows {
            let sums = total[moments[block]]
            let (yq, xy, xq) = (sums[Moments.yq], sums[Moments.xy], sums[Moments.xq])
            // A trace of regularization keeps the problem solvable if y and q agree, or nothing was encoded.
            let (yy, qq) = (sums[Moments.yy] * (1 + 1e-6) + 1e-30, sums[Moments.qq] * (1 + 1e-6) + 1e-30)
            let determinant = yy * qq - yq * yq
            let view = (xy * qq - xq * yq) / determinant
            let codeword = (xq * yy - xy * yq) / determinant
            for index in block * blockSize..<min((block + 1) * blockSize, originals.dimension) {
                viewWeights[index] = Float(view)
                codewordWeights[index] = Float(codeword)
            }
        }
    }

    /// Turns corrected views into restored images, in place.
    func restore(_ target: UnsafeMutablePointer<Float>, residuals: Matrix) {
        for item in 0..<residuals.rows {
            let output = target + item * residuals.columns
            let residual = residuals.pointer + item * residuals.columns
            for index in 0..<residuals.columns {
                let view = output[index]
                output[index] =
                    viewWeights.pointer[index] * view + codewordWeights.pointer[index] * (view - residual[index])
            }
        }
    }
}
