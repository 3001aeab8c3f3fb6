import Foundation
import Training

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

extension LayerRecord {
    /// The record as a row of metrics.
    var metrics: MetricRow {
        func real(_ value: Double?) -> MetricRow.Value { value.map { .real($0) } ?? .missing }
        return MetricRow(
            [
                ("layer", .integer(layer)), ("water-level", real(waterLevel)),
                ("active-dimensions", .integer(activeDimensions)), ("bits", .real(bits)),
                ("entropy-bits", .real(entropyBits)), ("train-distortion", .real(trainDistortion)),
                ("test-distortion", real(testDistortion)), ("bound-distortion", .real(boundDistortion)),
                ("train-psnr", real(trainPSNR)), ("test-psnr", real(testPSNR)),
                ("codewords-used", .integer(codewordsUsed)), ("train-perplexity", .real(trainPerplexity)),
                ("test-perplexity", real(testPerplexity)),
            ], headline: headline)
    }

    private var headline: String {
        var words = "layer \(layer), \(activeDimensions) active, \(String(format: "%.0f", bits)) bits, "
        if let trainPSNR {
            words +=
                String(format: "train %.2f", trainPSNR) + (testPSNR.map { String(format: ", test %.2f", $0) } ?? "")
                + " dB"
        } else {
            words +=
                String(format: "train %.4f", trainDistortion)
                + (testDistortion.map { String(format: ", test %.4f", $0) } ?? "")
        }
        return words
    }
}
