import Datasets
import Foundation
import Training

/// Everything a finished RRQ run knows about itself: the source of its report, kept as record.json in the run folder.
public struct RRQRecord: Codable, Sendable {
    /// Always `rrq`.
    var method = "rrq"
    /// What reports call the data.
    var dataName: String
    /// Training items, without those that were held out.
    var trainCount: Int
    var testCount: Int
    /// Training images that only weighed frequencies in super-resolution.
    var heldOutCount: Int
    var dimension: Int
    /// Of the images; nil for vectors.
    var imageWidth: Int?
    var imageHeight: Int?
    var imageChannels: Int?
    /// K, of a layer.
    var codewords: Int
    var layers: [LayerRecord]
    /// Plain residual quantization by K-means on the same data, if the config asks for it.
    var comparison: [LayerRecord]
    /// Variance of each dimension before any layer, in band order (means over 2048 blocks if there are more).
    var sourceVariances: [Double]
    /// Of the test images after some layers; empty for vectors.
    var qualities: [ImageEvaluator.Quality]
    var pictures: [PictureRecord]
    /// Nil without super-resolution.
    var superResolutionFactor: Int?
    /// Images that were left out because they are damaged; nil for none.
    var damaged: [DamagedImage]?

    /// A picture file of the run.
    struct PictureRecord: Codable, Sendable {
        /// Its path in the run folder.
        var file: String
        /// After which layer; 0 for what no layer changes.
        var layer: Int
        var restoration: ImageEvaluator.Restoration
        /// The image's number in the test set.
        var item: Int
        /// What the data call it.
        var name: String
        /// PSNR of this picture in dB; nil for the original.
        var psnr: Double?
    }
}
