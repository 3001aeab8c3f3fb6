import Codec
import Core
import Datasets
import Foundation

/// How the models of a method code images to files.
///
///     let coder = try NVTCCoder.encoder(CodingOptions(models: ["runs/nvtc-small"], lambda: 256))
///     let coded = try coder.encode(image, name: "photo.png")
public protocol MethodCoder {
    /// What its files hold.
    static var kind: CodedFile.Kind { get }
    /// Whether it finds a model by itself, in runs/ and Reports/, if none is named.
    static var findsModels: Bool { get }

    /// Whether a file or folder is, or holds, a model of this method.
    static func hasModel(_ source: String) -> Bool
    /// What encodes with the model that the options name.
    /// - Throws: `LloydError` for an option that it has no use for, or if it is not clear which model is meant.
    static func encoder(_ options: CodingOptions) throws -> any FileCoder
    /// What decodes a file of this kind.
    /// - Throws: `LloydError` for an option that it has no use for, or if no model is the file's.
    static func decoder(of file: CodedFile, name: String, _ options: CodingOptions) throws -> any FileCoder
    /// What `lloyd evaluate` does with a model.
    static func evaluation(of model: String, _ request: EvaluationRequest) throws -> EvaluationWork
}

/// What the command line says about coding.
public struct CodingOptions {
    /// Runs and models' files that are named; none for those in runs/ and Reports/.
    public var models: [String]
    /// Which of a run's models.
    public var lambda: Double?
    /// How many layers, from the first.
    public var layers: Int?
    /// Indices of fixed length instead of entropy coding.
    public var fixedLength: Bool
    /// Threads that share the work, at least 1.
    public var threads: Int

    public init(
        models: [String], lambda: Double? = nil, layers: Int? = nil, fixedLength: Bool = false, threads: Int = 1
    ) {
        (self.models, self.lambda, self.layers) = (models, lambda, layers)
        (self.fixedLength, self.threads) = (fixedLength, threads)
    }
}

/// Codes images to files and back with one model.
public protocol FileCoder {
    /// Files that it reads, which no output may replace.
    var inputs: [String] { get }
    /// What is done otherwise than asked, in sentences.
    var notes: [String] { get }

    func encode(_ image: Image, name: String) throws -> EncodedFile
    func decode(_ file: CodedFile, name: String) throws -> DecodedFile
    /// What it codes of an image, which a decoded one is compared with.
    func codedPart(of image: Image) -> Image
}

extension FileCoder {
    public var inputs: [String] { [] }
    public var notes: [String] { [] }
    public func codedPart(of image: Image) -> Image { image }
}

/// An image that has been coded.
public struct EncodedFile {
    /// What is written.
    public var file: CodedFile
    /// The quantizers' choices, by layer, for `--verify`.
    public var indices: [[[Int32]]]
    /// Bits that the entropy model charges, by layer.
    public var layerBits: [Double]
    /// Their sum.
    public var estimatedBits: Double
    /// More of its size than width and height, such as "20 layers"; nil for nothing.
    public var size: String?
    /// What the estimate says, such as "the entropy model says 1200 bytes".
    public var estimate: String
    /// Seconds by part of the work, given those of the wall clock.
    public var seconds: (Double) -> [String: Double]

    public init(
        file: CodedFile, indices: [[[Int32]]], layerBits: [Double], estimatedBits: Double, size: String? = nil,
        estimate: String, seconds: @escaping (Double) -> [String: Double]
    ) {
        (self.file, self.indices, self.layerBits) = (file, indices, layerBits)
        (self.estimatedBits, self.size, self.estimate, self.seconds) = (estimatedBits, size, estimate, seconds)
    }
}

/// An image that has been decoded.
public struct DecodedFile {
    /// 8-bit samples.
    public var image: Image
    /// The quantizers' choices, by layer, for `--verify`.
    public var indices: [[[Int32]]]
    /// More of its size than width and height, such as "10 of 20 layers"; nil for nothing.
    public var size: String?

    public init(image: Image, indices: [[[Int32]]], size: String? = nil) {
        (self.image, self.indices, self.size) = (image, indices, size)
    }
}

/// What an evaluation is asked to do.
public struct EvaluationRequest {
    /// The folder of images; nil for those that a run has held back.
    public var data: String?
    /// Only the models of these lambdas; nil for all.
    public var lambdas: [Double]?
    /// Numbers of layers, separated by commas; nil for a usual choice.
    public var layers: String?
    /// At most so many images.
    public var images: Int
    /// Finds damaged images.
    public var opening: DataOpening
    /// The keys and methods of the program.
    public var schema: Schema

    public init(
        data: String?, lambdas: [Double]?, layers: String?, images: Int, opening: DataOpening, schema: Schema
    ) {
        (self.data, self.lambdas, self.layers, self.images) = (data, lambdas, layers, images)
        (self.opening, self.schema) = (opening, schema)
    }
}

/// What is evaluated: images, and a coder for each point.
public struct EvaluationWork {
    /// One setting of the codec: a point of its curve.
    public struct Point {
        /// What tells it from the others, such as "lambda 256".
        public var setting: String
        /// Of the model; nil for one without.
        public var lambda: Double?
        /// Layers whose bits are counted apart.
        public var layers: Int
        /// Makes a coder, on the rank that uses it.
        public var makeCoder: () throws -> any ImageCoder

        public init(setting: String, lambda: Double?, layers: Int, makeCoder: @escaping () throws -> any ImageCoder) {
            (self.setting, self.lambda, self.layers, self.makeCoder) = (setting, lambda, layers, makeCoder)
        }
    }

    /// The model, in a few words.
    public var description: String
    /// What is coded.
    public var images: any ImageCollection
    /// What reports call the images.
    public var dataName: String
    /// In the order of the work.
    public var points: [Point]
    /// Files that are read, which nothing that is kept may replace.
    public var inputs: [String]
    /// Whether the originals lie in no folder of their own, and are kept with the decoded pictures.
    public var keepsOriginals: Bool

    public init(
        description: String, images: any ImageCollection, dataName: String, points: [Point], inputs: [String],
        keepsOriginals: Bool = false
    ) {
        (self.description, self.images, self.dataName, self.points) = (description, images, dataName, points)
        (self.inputs, self.keepsOriginals) = (inputs, keepsOriginals)
    }

    /// What evaluations call a folder of images, wherever it lies: those of the same images can be told by it.
    public static func name(of folder: PhotoFolder) -> String {
        "\(folder.count) images of \(FileName.printable((folder.path as NSString).lastPathComponent))"
    }
}
