import Core
import Datasets
import Foundation

/// Rate-distortion curves of image codecs that others have published, to compare one's own with.
///
///     let published = try PublishedCodecs(path: "Configs/anchors/kodak.json")
///     published.curves.map(\.name)                            // ["JPEG", "JPEG2000", ...]
///     published.curves[0].rateDistortion.rates                // bits per pixel
///     published.origin                                        // who published them, in a sentence
///
/// The file: {"origin": "...", "curves": [{"name", "description", "results": {"bpp": [..], "psnr-rgb": [..]}}, ..]}, that
/// list alone, or one such curve, which is the form of CompressAI's benchmark, whose "ms-ssim-rgb" is read where it is there.
/// In a folder each file is one curve.
public struct PublishedCodecs: Sendable, Equatable {
    public struct Curve: Sendable, Equatable {
        public var name: String
        public var description: String
        /// Bits per pixel, positive, and PSNR of 8-bit RGB in dB; lowest rate first.
        public var rateDistortion: RateDistortionCurve
        /// MS-SSIM of RGB at each of these rates, in 0...1, NaN where a point has none; nil where it was not published.
        public var msSSIM: [Double]?

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
    }

    /// Where the curves come from, in a sentence; empty where the files do not say.
    public var origin: String
    public var curves: [Curve]

    public init(origin: String = "", curves: [Curve]) {
        self.origin = origin
        self.curves = curves
    }

    // MARK: Reading

    private static let form =
        "Expected {\"origin\": \"..\", \"curves\": [{\"name\", \"results\": {\"bpp\": [..], \"psnr-rgb\": [..]}}, ..]}, or "
        + "one such curve."

    /// - Throws: `ReportingError` naming the file and the curve when something cannot be read, has another form, holds
    ///   numbers that no curve can have, or has a name twice.
    public init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ReportingError(place: path, problem: "there is no such file or folder", remedy: "Check the path.")
        }
        if isFolder.boolValue { try self.init(folder: path) } else { try self.init(file: path) }
        var seen: Set<String> = []
        for curve in curves {
            if let problem = curve.problem {
                throw ReportingError(
                    place: path, item: curve.name, problem: problem, remedy: "Correct the curve, or leave it out.")
            }
            guard seen.insert(curve.name).inserted else {
                throw ReportingError(
                    place: path, item: curve.name, problem: "two curves have this name",
                    remedy: "Keep one, or rename one.")
            }
        }
    }

    private init(file: String) throws {
        let json = try CompressAIResults.json(file)
        origin = ""
        var list = json
        if case .object(let top) = json {
            if case .string(let text)? = top["origin"] { origin = text }
            // Without a list the object is a curve itself.
            list = top["curves"] ?? .array([json])
        }
        guard case .array(let elements) = list, !elements.isEmpty else {
            throw ReportingError(place: file, problem: "the file holds no list of curves", remedy: Self.form)
        }
        let isAlone = elements.count == 1 && elements[0] == json
        curves = try elements.enumerated().map { index, element in
            try Curve(
                CompressAIResults(element, in: URL(fileURLWithPath: file), item: isAlone ? "" : "curves[\(index)]"))
        }
    }

    private init(folder: String) throws {
        let files = try CompressAIResults.files(
            in: folder, remedy: "Put a file in CompressAI's form there for each curve.")
        origin = ""
        curves = try files.map { try Curve(CompressAIResults(contentsOf: URL(fileURLWithPath: $0))) }
    }

    // MARK: Writing

    /// The curves in the form that `init(path:)` reads.
    public var json: JSONValue {
        ["origin": .string(origin), "curves": .array(curves.map(\.json))]
    }
}

extension PublishedCodecs.Curve {
    fileprivate init(_ results: CompressAIResults) throws {
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

    /// Why this can be no curve.
    fileprivate var problem: String? {
        let (rates, qualities) = (rateDistortion.rates, rateDistortion.qualities)
        if rates.isEmpty { return "the curve has no points" }
        if let bad = rates.first(where: { $0 <= 0 || !$0.isFinite }) { return "the rate \(bad) is not above zero" }
        if let bad = qualities.first(where: { !$0.isFinite }) { return "the PSNR \(bad) is not finite" }
        if let bad = msSSIM?.first(where: { !$0.isNaN && !(0...1).contains($0) }) {
            return "the MS-SSIM \(bad) is not in 0 to 1"
        }
        return nil
    }

    /// In CompressAI's form.
    package var json: JSONValue {
        var results: [String: JSONValue] = [
            "bpp": .array(rateDistortion.rates.map { .number($0) }),
            "psnr-rgb": .array(rateDistortion.qualities.map { .number($0) }),
        ]
        if let msSSIM { results["ms-ssim-rgb"] = .array(msSSIM.map { .number($0) }) }
        return ["name": .string(name), "description": .string(description), "results": .object(results)]
    }
}
