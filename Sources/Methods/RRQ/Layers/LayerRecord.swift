import Foundation
import Training

/// What is known of a layer after it was trained: everything that metrics, plots and tables show of it.
struct LayerRecord: Codable, Sendable {
    /// From 1.
    var layer: Int
    /// gamma*, in the units of the data's variance; nil for plain K-means.
    var waterLevel: Double?
    /// Number of active dimensions.
    var activeDimensions: Int
    /// Bits per vector after this layer at fixed length: layer * log2 K.
    var bits: Double
    /// Bits per vector after this layer if each layer's index were entropy coded with the training frequencies.
    var entropyBits: Double
    /// Distortion of the training set, as a fraction of its energy.
    var trainDistortion: Double
    /// The same of the test set; nil without one.
    var testDistortion: Double?
    /// What rate-distortion theory allows at the same bits, for independent Gaussian dimensions of the training variances.
    var boundDistortion: Double
    /// Mean PSNR over the training images in dB, unrounded; nil for vectors.
    var trainPSNR: Double?
    /// The same of the test images.
    var testPSNR: Double?
    /// Codewords that at least one training vector took.
    var codewordsUsed: Int
    /// 2 to the entropy of the codewords' frequencies on the training set.
    var trainPerplexity: Double
    /// The same on the test set; nil without one.
    var testPerplexity: Double?
    /// Bits per dimension in each block of `RateProfile`, by theory's 1/2 log2(sigma^2 / gamma); empty for plain K-means.
    var rateProfile: [Double]
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
