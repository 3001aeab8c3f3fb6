import Datasets
import Foundation

/// What a finished NVTC run has measured: all that its report says.
///
///     let record = try JSONDecoder().decode(NVTCRecord.self, from: folder.read(NVTCRecord.fileName))
///     record.points[0].psnr                                   // dB, mean over the validation images
public struct NVTCRecord: Sendable, Codable, Equatable {
    public static let fileName = "record.json"

    /// One layer of a model, on the validation images.
    public struct Layer: Sendable, Codable, Equatable {
        public var stage: Int
        public var layer: Int
        public var bitsPerPixel: Double
        /// Codewords of all its codebooks that some vector chose, of how many.
        public var alive: Int
        public var codewords: Int
        /// 2^entropy of the codewords chosen, mean over its codebooks.
        public var perplexity: Double
    }

    /// One model.
    public struct Point: Sendable, Codable, Equatable {
        public var lambda: Double
        public var steps: Int
        /// Means over the images; rates are what the entropy model charges.
        public var bitsPerPixel: Double
        public var psnr: Double
        /// In the order of decoding.
        public var layers: [Layer]
        public var images: [NVTCValidation.Result]
    }

    /// Tells this record from those of other methods.
    public var kind = "nvtc"
    public var title: String
    public var seed: Int
    public var architecture: NVTCArchitecture
    public var parameters: Int
    /// What the models were trained on, in a few words.
    public var data: String
    public var validation: String
    /// The first so many validation images are kept as pictures (`NVTCPictures`); nil for none.
    public var pictures: Int?
    /// In the order of lambda.
    public var points: [Point]
    /// Training images that were left out because they are damaged; nil for none.
    public var damaged: [DamagedImage]?
}
