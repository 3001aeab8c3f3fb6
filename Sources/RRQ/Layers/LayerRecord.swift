/// What is known of a layer after it was trained: everything that metrics, plots and tables show of it.
public struct LayerRecord: Codable, Sendable {
    /// From 1.
    public var layer: Int
    /// gamma*, in the units of the data's variance; nil for plain K-means.
    public var waterLevel: Double?
    /// Number of active dimensions.
    public var activeDimensions: Int
    /// Bits per vector after this layer at fixed length: layer * log2 K.
    public var bits: Double
    /// Bits per vector after this layer if each layer's index were entropy coded with the training frequencies.
    public var entropyBits: Double
    /// Distortion as a fraction of the set's energy, on the training set, the test set, and as rate-distortion theory
    /// allows it at the same bits for independent Gaussian dimensions of the training variances.
    public var trainDistortion: Double
    public var testDistortion: Double?
    public var boundDistortion: Double
    /// Mean PSNR over images in dB, unrounded; nil for vectors.
    public var trainPSNR: Double?
    public var testPSNR: Double?
    /// Codewords that at least one training vector took.
    public var codewordsUsed: Int
    /// 2 to the entropy of the codewords' frequencies on the training set, and on the test set.
    public var trainPerplexity: Double
    public var testPerplexity: Double?
    /// Bits per dimension in each block of `RateProfile`, by theory's 1/2 log2(sigma^2 / gamma); empty for plain K-means.
    public var rateProfile: [Double]
}
