import Core
import Foundation

/// What coding a folder of images to real files has measured: the source of comparison reports.
///
///     let record = try JSONDecoder().decode(EvaluationRecord.self, from: Data(contentsOf: url))
///     let psnr = record.points[0].mean.psnr                   // dB, mean over the images
///     let bytes = record.points[0].images[0].bytes            // of the coded file
///
/// Rates come from the sizes of files: 8 bytes / (width height), in bits per pixel. PSNR is of 8-bit RGB (of gray if the
/// images are gray), MS-SSIM likewise; both per image, then averaged.
public struct EvaluationRecord: Sendable, Codable, Equatable {
    /// Tells these files from run records.
    public var kind = "evaluation"
    /// "NVTC small", "WebP"; the legend's words.
    public var name: String
    /// What was coded, and how, in a sentence.
    public var description: String
    /// The run or program that coded.
    public var coder: String
    /// The images: the folder's name and how many of it.
    public var data: String
    /// Whether it is somebody else's codec, measured to compare with; reports draw it thinner. Nil: no.
    public var isPeer: Bool?
    /// Processes that worked side by side while times were taken; nil if unknown.
    public var ranks: Int?
    /// Threads in each process; nil if unknown.
    public var threads: Int?
    /// The processor's name; nil if unknown.
    public var processor: String?
    /// Lowest rate first.
    public var points: [Point]

    /// One model, or one quality setting.
    public struct Point: Sendable, Codable, Equatable {
        /// What tells it from the others: "lambda 256", "quality 50".
        public var setting: String
        /// The model's Lagrange multiplier; nil for a coder that has none.
        public var lambda: Double?
        /// One for each image.
        public var images: [ImageResult]

        /// A point of measured images.
        public init(setting: String, lambda: Double? = nil, images: [ImageResult]) {
            self.setting = setting
            self.lambda = lambda
            self.images = images
        }
    }

    /// One image.
    public struct ImageResult: Sendable, Codable, Equatable {
        /// Unique among the point's images (`names(of:)`).
        public var name: String
        /// In pixels.
        public var width: Int
        /// In pixels.
        public var height: Int
        /// Of the coded file.
        public var bytes: Int
        /// What the entropy model charges, -log2 p, in bits; nil for coders that do not say.
        public var estimatedBits: Double?
        /// In dB, of 8-bit samples.
        public var psnr: Double
        /// 0...1; nil if the image is too small for five scales.
        public var msSSIM: Double?
        /// Seconds by part of the work (`CodingTimes.parts`; Table 3 of the NVTC paper), or "total" alone.
        public var encodingSeconds: [String: Double]
        /// Seconds by part of the work, as for encoding.
        public var decodingSeconds: [String: Double]
        /// The coded bits that each layer takes, in the order of decoding; nil without layers.
        public var layerBits: [Double]?

        /// What was measured on one image.
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

        /// The rate: bits of the coded file per pixel.
        public var bitsPerPixel: Double { 8 * Double(bytes) / (Double(width) * Double(height)) }
    }

    /// Means over the images of a point.
    public struct Mean: Sendable, Equatable {
        /// The mean of the images' rates, not weighted by their sizes.
        public var bitsPerPixel: Double
        /// The mean of the images' PSNR, in dB.
        public var psnr: Double
        /// Over the images that have one; nil if none has.
        public var msSSIM: Double?
        /// Of an image, all parts together.
        public var encodingSeconds: Double
        /// Of an image, all parts together.
        public var decodingSeconds: Double
    }

    /// A record; what is nil is left out of its JSON.
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
    /// A name as files and folders have it: "JPEG, progressive" is "jpeg-progressive". Decoded pictures that are kept lie at
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
    ///     let names = EvaluationRecord.names(of: ["a.png", "a.jpg", "x/b.png"])       // ["a.png", "a.jpg", "x/b"]
    public static func names(of images: [String]) -> [String] {
        DistinctNames.choose(
            images.count, forms: [{ (images[$0] as NSString).deletingPathExtension }, { images[$0] }])
    }

    /// Names of files for a point's images, by the images' names and in their order, without an extension: no two are equal,
    /// and none is too long for a file system.
    ///
    ///     let files = EvaluationRecord.fileNames(of: ["x/b", "x-b"])                  // ["x-b", "x-b-2"]
    public static func fileNames(of names: [String]) -> [String] {
        DistinctNames.choose(names.count, forms: [{ flat(names[$0]) }])
    }

    /// Room for an extension and a number is left of the 255 bytes that a name may have.
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
    /// Means over the point's images.
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
