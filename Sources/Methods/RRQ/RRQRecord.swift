import Datasets
import Foundation
import Training

/// Everything a finished RRQ run knows about itself: the source of its report, kept as record.json in the run folder.
public struct RRQRecord: Codable, Sendable {
    public static let fileName = "record.json"

    public var method = "rrq"
    public var dataName: String
    public var trainCount: Int
    public var testCount: Int
    public var heldOutCount: Int
    public var dimension: Int
    public var imageWidth: Int?
    public var imageHeight: Int?
    public var imageChannels: Int?
    public var codewords: Int
    public var layers: [LayerRecord]
    /// Plain residual quantization by K-means on the same data, where the config asks for it.
    public var comparison: [LayerRecord]
    /// Variance of each dimension before any layer, in band order (means over blocks where there are very many).
    public var sourceVariances: [Double]
    public var qualities: [ImageEvaluator.Quality]
    public var pictures: [PictureRecord]
    public var superResolutionFactor: Int?
    /// Images that were left out because they are damaged; nil for none.
    public var damaged: [DamagedImage]?

    /// A picture file of the run.
    public struct PictureRecord: Codable, Sendable {
        public var file: String
        public var layer: Int
        public var restoration: ImageEvaluator.Restoration
        public var item: Int
        public var name: String
        /// PSNR of this picture in dB; nil for the original.
        public var psnr: Double?
    }
}
