import Datasets
import Foundation

/// What a finished NVTC run has measured: all that its report says.
///
///     let record = try JSONFile(file: "runs/nvtc/" + NVTCRecord.fileName).decode(NVTCRecord.self)
///     record.points[0].psnr                                   // dB, mean over the validation images
public struct NVTCRecord: Sendable, Codable, Equatable {
    /// Its name in the run folder.
    package static let fileName = "record.json"

    /// One layer of a model, on the validation images.
    package struct Layer: Sendable, Codable, Equatable {
        /// From the finest, 0.
        package var stage: Int
        /// Within the stage; the last is decoded first.
        package var layer: Int
        /// Mean over the images.
        package var bitsPerPixel: Double
        /// Codewords of all its codebooks that some vector chose.
        package var alive: Int
        /// Codewords of all its codebooks.
        package var codewords: Int
        /// 2^entropy of the codewords chosen, mean over its codebooks.
        package var perplexity: Double
    }

    /// One model.
    public struct Point: Sendable, Codable, Equatable {
        /// Weight of the mean squared error against bits, both per sub-pixel.
        package var lambda: Double
        /// Gradient steps of its training.
        package var steps: Int
        /// What the entropy model charges, mean over the images.
        package var bitsPerPixel: Double
        /// In dB, of 8-bit RGB, mean over the images.
        package var psnr: Double
        /// In the order of decoding.
        package var layers: [Layer]
        /// In the order of the validation images.
        package var images: [NVTCValidation.Result]
    }

    /// Tells this record from those of other methods.
    package var kind = "nvtc"
    /// What reports call the run.
    package var title: String
    /// Of the run.
    package var seed: Int
    /// The sizes of all models.
    package var architecture: NVTCArchitecture
    /// Numbers that a model has learned.
    package var parameters: Int
    /// What the models were trained on, in a few words.
    package var data: String
    /// What they were measured on.
    package var validation: String
    /// How many validation images, from the first, are kept as pictures (`NVTCPictures`); nil for none.
    package var pictures: Int?
    /// In the order of lambda.
    package var points: [Point]
    /// Training images that were left out because they are damaged; nil for none.
    package var damaged: [DamagedImage]?
}
