import Foundation

/// What a study of one toy source is asked to do: the source, the methods, and how long each of them trains.
///
///     var settings = ToySettings(source: "boomerang", dimension: 2)
///     settings.methods = [.ecvq, .ntc]
///     settings.ecvq.lambdas = [1, 4, 16, 64]
///
/// A lambda weighs the mean squared error per dimension against bits per dimension.
package struct ToySettings: Sendable {
    /// Plain VQ: one K-means codebook for each size.
    package struct VQ: Sendable {
        /// K of each point of the curve.
        package var codewords: [Int] = [4, 16, 64, 256, 1024]
        /// Samples in a training set.
        package var samples = 1 << 19
        /// Most passes over it.
        package var iterations = 200

        /// The defaults of the keys `vq.*`.
        package init() {}
    }

    /// ECVQ: a sweep over lambda.
    package struct ECVQ: Sendable {
        /// A point of the curve for each, above 0: weight of the mean squared error against bits, both per dimension.
        package var lambdas: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
        /// Most codewords that a codebook may start with.
        package var codewords = 4096
        /// Samples of a pass of the main alternation; nil for as many as the codewords need.
        package var samples: Int?
        /// Samples of each of the two last passes; nil for many.
        package var finalSamples: Int?
        /// Most passes of the main alternation.
        package var passes = 40

        /// The defaults of the keys `ecvq.*`.
        package init() {}
    }

    /// Quantization between learned transforms: what NTC, NT-VQ and NT-ECVQ share.
    package struct Transform: Sendable {
        /// Hidden width of the analysis and synthesis transforms (the paper: 192 in 2-D, 384 in more).
        package var width = 192
        /// Residual blocks of each transform.
        package var blocks = 3
        /// Samples of a gradient step.
        package var batch = 256
        /// Samples of a micro-batch: gradients are added in the order of micro-batches.
        package var microBatch = 64
        /// Gradient steps of the first point of a curve.
        package var steps = 4000
        /// Models that are trained briefly for that point from different weights, of which the best is trained further.
        package var starts = 4
        /// Gradient steps of each of them.
        package var startSteps = 800
        /// Gradient steps of every further point, which starts from its neighbor.
        package var warmSteps = 2000
        /// The lambda that a curve begins with, from which the others start.
        package var firstLambda = 8.0
        /// Adam's learning rate at its peak; it rises over 100 steps and falls as half a cosine to 0.
        package var learningRate = 1e-3
        /// The learning rate of densities and code lengths relative to that.
        package var densityRateFactor = 20.0
        /// Gradient steps of a point of NT-VQ or NT-ECVQ, which starts from a codebook trained on the source.
        package var codebookSteps = 1000
        /// Adam's learning rate for them, at its peak.
        package var codebookRate = 2e-4
        /// The norm that the transforms' gradient is cut to: heavy-tailed batches must not undo a warm start.
        package var clipping = 1.0
        /// What the usual start of each residual block's second layer is multiplied by.
        package var residualGain = 4.0
        /// Further steps that train the decoder's side alone on rounded latents, as a share of the steps with noise.
        package var roundingShare = 0.25
        /// Their learning rate relative to the peak.
        package var roundingRate = 0.5

        /// The defaults of the keys `transform.*`.
        package init() {}
    }

    /// Heading of the record and its report.
    package var title = "Toy source"
    /// Samples, first codewords and first weights follow from it.
    package var seed: UInt64 = 1
    /// Name of the source, one of `ToySource.Name`.
    package var source: String
    /// Components of a vector; 2 for most sources.
    package var dimension: Int
    /// What is compared, in the order of training.
    package var methods: [ToyMethod] = [.vq, .ecvq, .ntc]
    /// Samples that every point is measured on.
    package var testSamples = 1_000_000
    /// The points of 2-D sources nearest to this lambda get a picture of their cells; nil for no pictures.
    package var pictureLambda: Double? = 16
    /// Plain VQ; also the codebooks that NT-VQ starts from.
    package var vq = VQ()
    /// ECVQ; also the codebooks that NT-ECVQ starts from.
    package var ecvq = ECVQ()
    /// NTC, NT-VQ and NT-ECVQ.
    package var transform = Transform()
    /// Lambdas of NTC.
    package var ntcLambdas: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    /// Codebook sizes of NT-VQ.
    package var ntvqCodewords: [Int] = [4, 16, 64, 256, 1024]
    /// Lambdas of NT-ECVQ, whose codebooks are as large as those of ECVQ.
    package var ntecvqLambdas: [Double] = [1, 4, 16, 64, 256]

    /// The defaults of all keys but these. Neither is checked: `ToyStudy` does.
    package init(source: String, dimension: Int) {
        self.source = source
        self.dimension = dimension
    }

    /// Whether the point for `lambda` is the one of its curve that gets a picture.
    func isPictured(_ lambda: Double, among lambdas: [Double]) -> Bool {
        guard let wanted = pictureLambda, dimension == 2 else { return false }
        return lambdas.min { abs(log($0 / wanted)) < abs(log($1 / wanted)) } == lambda
    }

    /// About how long a method takes relative to the others, for the progress line.
    func effort(of method: ToyMethod) -> Double {
        switch method {
        case .vq: Double(vq.codewords.count)
        case .ecvq: 2 * Double(ecvq.lambdas.count)
        case .ntc: 20 * Double(ntcLambdas.count)
        case .ntvq: 10 * Double(ntvqCodewords.count)
        case .ntecvq: 10 * Double(ntecvqLambdas.count)
        }
    }
}
