/// What a study of one toy source is asked to do: the source, the methods, and how long each of them trains.
///
///     var settings = ToySettings(source: "boomerang", dimension: 2)
///     settings.methods = [.ecvq, .ntc]
///     settings.ecvq.lambdas = [1, 4, 16, 64]
///
/// A lambda weighs the mean squared error per dimension against bits per dimension.
public struct ToySettings: Sendable {
    /// Plain VQ: one K-means codebook for each size.
    public struct VQ: Sendable {
        /// K of each point of the curve.
        public var codewords: [Int] = [4, 16, 64, 256, 1024]
        /// Samples in a training set.
        public var samples = 1 << 18
        /// Most passes over it.
        public var iterations = 50

        public init() {}
    }

    /// ECVQ: a sweep over lambda.
    public struct ECVQ: Sendable {
        public var lambdas: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
        /// Most codewords that a codebook may start with.
        public var codewords = 1024
        /// Samples of a pass.
        public var samples = 1 << 20
        /// Passes of the final alternation.
        public var passes = 20

        public init() {}
    }

    /// Quantization between learned transforms: what NTC, NT-VQ and NT-ECVQ share.
    public struct Transform: Sendable {
        /// Hidden width of the analysis and synthesis transforms (the paper: 192 in 2-D, 384 in more).
        public var width = 192
        /// Residual blocks of each transform.
        public var blocks = 3
        /// Samples of a gradient step.
        public var batch = 1024
        /// Samples of a micro-batch: gradients are added in the order of micro-batches.
        public var microBatch = 256
        /// Gradient steps of the first point of a curve.
        public var steps = 8000
        /// Gradient steps of every further point, which starts from its neighbour.
        public var warmSteps = 2000
        /// Adam's learning rate at its peak.
        public var learningRate = 1e-3

        public init() {}
    }

    public var title = "Toy source"
    public var seed: UInt64 = 1
    /// Name of the source.
    public var source: String
    public var dimension: Int
    public var methods: [ToyMethod] = [.vq, .ecvq, .ntc]
    /// Samples that every point is measured on.
    public var testSamples = 1_000_000
    /// The points of 2-D sources nearest to this lambda get a picture of their cells; nil for no pictures.
    public var pictureLambda: Double? = 16
    public var vq = VQ()
    public var ecvq = ECVQ()
    public var transform = Transform()
    /// Lambdas of NTC.
    public var ntcLambdas: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    /// Codebook sizes of NT-VQ.
    public var ntvqCodewords: [Int] = [4, 16, 64, 256, 1024]
    /// Lambdas of NT-ECVQ.
    public var ntecvqLambdas: [Double] = [1, 4, 16, 64, 256]
    /// Codewords of NT-ECVQ.
    public var ntecvqCodewords = 1024

    public init(source: String, dimension: Int) {
        self.source = source
        self.dimension = dimension
    }
}
