import Core
import Foundation

/// What coding a folder of images to real files has measured: the source of comparison reports.
///
///     let record = try JSONDecoder().decode(EvaluationRecord.self, from: Data(contentsOf: url))
///     record.points[0].mean.psnr                              // dB, mean over the images
///     record.points[0].images[0].bytes                        // of the coded file
///
/// Rates come from the sizes of files: 8 bytes / (width height), in bits per pixel. PSNR is of 8-bit RGB (of grey where the
/// images are grey), MS-SSIM likewise; both per image, then averaged.
public struct EvaluationRecord: Sendable, Codable, Equatable {
    /// Tells these files from run records.
    public var kind = "evaluation"
    /// "NVTC small", "WebP"; the legend's words.
    public var name: String
    public var description: String
    /// The run or program that coded, and the folder of images.
    public var coder: String
    public var data: String
    /// Whether it is somebody else's codec, measured to compare with; reports draw it thinner. Nil: no.
    public var isPeer: Bool?
    /// Processes and threads in each that worked side by side while times were taken, and the processor's name.
    public var ranks: Int?
    public var threads: Int?
    public var processor: String?
    /// Lowest rate first.
    public var points: [Point]

    /// One model, or one quality setting.
    public struct Point: Sendable, Codable, Equatable {
        /// What tells it from the others: "lambda 256", "quality 50".
        public var setting: String
        public var lambda: Double?
        public var images: [ImageResult]

        public init(setting: String, lambda: Double? = nil, images: [ImageResult]) {
            self.setting = setting
            self.lambda = lambda
            self.images = images
        }
    }

    /// One image.
    public struct ImageResult: Sendable, Codable, Equatable {
        public var name: String
        public var width: Int
        public var height: Int
        /// Of the coded file.
        public var bytes: Int
        /// What the entropy model charges, -log2 p, in bits; nil for coders that do not say.
        public var estimatedBits: Double?
        public var psnr: Double
        /// nil where the image is too small for five scales.
        public var msSSIM: Double?
        /// Seconds by part of the work (Table 3 of the NVTC paper: transform, entropy model, VQ, entropy coding), or
        /// "total" alone.
        public var encodingSeconds: [String: Double]
        public var decodingSeconds: [String: Double]
        /// Share of the coded bits that each layer takes, in bits, in the order of decoding; nil without layers.
        public var layerBits: [Double]?

        public init(
            name: String, width: Int, height: Int, bytes: Int, estimatedBits: Double? = nil, psnr: Double,
            msSSIM: Double?, encodingSeconds: [String: Double], decodingSeconds: [String: Double],
            layerBits: [Double]? = nil
        ) {
            self.name = name
            self.width = width
            self.height = height
            self.bytes = bytes
            self.estimatedBits = estimatedBits
            self.psnr = psnr
            self.msSSIM = msSSIM
            self.encodingSeconds = encodingSeconds
            self.decodingSeconds = decodingSeconds
            self.layerBits = layerBits
        }

        public var bitsPerPixel: Double { 8 * Double(bytes) / (Double(width) * Double(height)) }
    }

    /// Means over the images of a point.
    public struct Mean: Sendable, Equatable {
        public var bitsPerPixel: Double
        public var psnr: Double
        /// Over the images that have one.
        public var msSSIM: Double?
        public var encodingSeconds: Double
        public var decodingSeconds: Double
    }

    public init(
        name: String, description: String, coder: String, data: String, isPeer: Bool? = nil, ranks: Int? = nil,
        threads: Int? = nil, processor: String? = nil, points: [Point]
    ) {
        self.name = name
        self.description = description
        self.coder = coder
        self.data = data
        self.isPeer = isPeer
        self.ranks = ranks
        self.threads = threads
        self.processor = processor
        self.points = points
    }
}

extension EvaluationRecord {
    /// A name as files and folders hold it: "JPEG, progressive" is "jpeg-progressive". Decoded pictures that are kept lie at
    /// FOLDER / slug of the coder's name / slug of the setting / IMAGE.png.
    public static func slug(_ name: String) -> String {
        let letters = name.lowercased().unicodeScalars.map { scalar -> Character in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
        }
        return String(letters).split(separator: "-").joined(separator: "-")
    }
}

extension EvaluationRecord {
    /// What a record calls the images of these names: without their extensions, if no two are then equal.
    ///
    ///     EvaluationRecord.names(of: ["a.png", "a.jpg", "x/b.png"])           // ["a.png", "a.jpg", "x/b"]
    public static func names(of images: [String]) -> [String] {
        DistinctNames.choose(
            images.count, forms: [{ (images[$0] as NSString).deletingPathExtension }, { images[$0] }])
    }

    /// Names of files for a point's images, by the images' names and in their order, without an ending: no two are equal,
    /// and none is too long for a file system.
    ///
    ///     EvaluationRecord.fileNames(of: ["x/b", "x-b"])                      // ["x-b", "x-b-2"]
    public static func fileNames(of names: [String]) -> [String] {
        DistinctNames.choose(names.count, forms: [{ flat(names[$0]) }])
    }

    /// Room for an ending and a number is left of the 255 bytes that a name may have.
    private static func flat(_ name: String) -> String {
        let flat = name.replacingOccurrences(of: "/", with: "-")
        guard flat.utf8.count > 230 else { return flat }
        var hash = Fingerprint()
        hash.add(name)
        var start = ""
        for character in flat {
            if start.utf8.count + String(character).utf8.count > 200 { break }
            start.append(character)
        }
        return start + "-" + String(hash.value, radix: 16)
    }
}

extension EvaluationRecord.Point {
    /// - Precondition: there are images.
    public var mean: EvaluationRecord.Mean {
        let count = Double(images.count)
        let similar = images.compactMap(\.msSSIM)
        return EvaluationRecord.Mean(
            bitsPerPixel: images.reduce(0) { $0 + $1.bitsPerPixel } / count,
            psnr: images.reduce(0) { $0 + $1.psnr } / count,
            msSSIM: similar.isEmpty ? nil : similar.reduce(0, +) / Double(similar.count),
            encodingSeconds: images.reduce(0) { $0 + $1.encodingSeconds.values.reduce(0, +) } / count,
            decodingSeconds: images.reduce(0) { $0 + $1.decodingSeconds.values.reduce(0, +) } / count)
    }
}
