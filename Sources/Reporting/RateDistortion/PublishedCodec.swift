/// Published curves of image codecs.
public typealias PublishedCodecs = PublishedCurves<PublishedCodec>

/// The rate-distortion curve of an image codec that others have published.
///
/// In JSON it has the form of CompressAI's benchmark: {"name", "description", "results": {"bpp": [..], "psnr-rgb": [..]}}.
/// A list "ms-ssim-rgb" is read, too.
public struct PublishedCodec: PublishedCurve {
    /// What legends and tables call it.
    public var name: String
    /// What its author says of it; may be empty.
    public var description: String
    /// Bits per pixel, positive, and PSNR of 8-bit RGB in dB; lowest rate first.
    public var rateDistortion: RateDistortionCurve
    /// MS-SSIM of RGB at each of these rates, in 0...1, NaN if a point has none; nil if it was not published.
    public var msSSIM: [Double]?

    /// - Parameters:
    ///   - bpp: bits per pixel, in any order.
    ///   - psnr: in dB, for each of them.
    ///   - msSSIM: in 0...1, for each of them.
    public init(
        name: String, description: String = "", bpp: [Double], psnr: [Double], msSSIM: [Double]? = nil
    ) {
        self.name = name
        self.description = description
        let order = zip(bpp, psnr).enumerated().sorted { $0.element.0 < $1.element.0 }
        rateDistortion = RateDistortionCurve(
            name: name, rates: order.map(\.element.0), qualities: order.map(\.element.1))
        self.msSSIM = msSSIM.map { values in order.map { values[$0.offset] } }
    }

    // MARK: Reading

    public static let form = "{\"name\", \"results\": {\"bpp\": [..], \"psnr-rgb\": [..]}}"
    public static let folderRemedy = "Put a file in CompressAI's form there for each curve."

    public init(_ json: JSONValue, in file: String, item: String) throws {
        try self.init(CompressAIResults(json, in: file, item: item))
    }

    public init(fileOfItsOwn file: String) throws { try self.init(CompressAIResults(path: file)) }

    private init(_ results: CompressAIResults) throws {
        // Some authors call the PSNR of RGB just "psnr".
        let quality = results.metrics.contains("psnr-rgb") || !results.metrics.contains("psnr") ? "psnr-rgb" : "psnr"
        let curve = try results.curve(quality: quality)
        let similarity = results.metrics.contains("ms-ssim-rgb") ? try results.curve(quality: "ms-ssim-rgb") : nil
        // Of points with the same rate the first counts; a point without an MS-SSIM has NaN.
        let known = similarity.map {
            Dictionary(zip($0.rates, $0.qualities).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
        }
        self.init(
            name: results.name, description: results.description, bpp: curve.rates, psnr: curve.qualities,
            msSSIM: known.map { known in curve.rates.map { known[$0] ?? .nan } })
    }

    public var problem: String? {
        if let problem = rateDistortion.problemOfPublished { return problem }
        if let bad = msSSIM?.first(where: { !$0.isNaN && !(0...1).contains($0) }) {
            return "the MS-SSIM \(bad) is not in 0 to 1"
        }
        return nil
    }

    // MARK: Writing

    /// In CompressAI's form.
    public var json: JSONValue {
        var results: [String: JSONValue] = [
            "bpp": .array(rateDistortion.rates.map { .number($0) }),
            "psnr-rgb": .array(rateDistortion.qualities.map { .number($0) }),
        ]
        if let msSSIM { results["ms-ssim-rgb"] = .array(msSSIM.map { .number($0) }) }
        return ["name": .string(name), "description": .string(description), "results": .object(results)]
    }
}
