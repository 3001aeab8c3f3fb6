import Core
import Datasets
import Foundation

/// Rate-distortion curves that others have published, to compare one's own with: read from one file, or from a folder
/// of files in CompressAI's form.
///
///     let published = try PublishedCurves(path: "Configs/anchors/toy-sources.json")
///     let ecvq = published.curve(source: "boomerang", dimension: 2, method: "ecvq")
///     ecvq?.rateDistortion.rates                             // bits per dimension
///     published.origin                                       // who published them, in a sentence
///
/// The file: {"origin": "...", "curves": [{"source", "dimension", "method", "bpd": [..], "psnr": [..]}, ..]}, or that
/// list alone. In a folder each curve is a file SOURCE_Nd_METHOD.json whose results hold "bpd" and "psnr".
public struct PublishedCurves: Sendable, Equatable {
    public struct Curve: Sendable, Equatable {
        /// Name of the source, such as `boomerang`.
        public var source: String
        public var dimension: Int
        /// Name of the method, such as `ecvq`.
        public var method: String
        /// Bits per dimension, positive.
        public var bpd: [Double]
        /// PSNR in dB.
        public var psnr: [Double]

        public init(source: String, dimension: Int, method: String, bpd: [Double], psnr: [Double]) {
            self.source = source
            self.dimension = dimension
            self.method = method
            self.bpd = bpd
            self.psnr = psnr
        }

        public var rateDistortion: RateDistortionCurve {
            RateDistortionCurve(name: "\(method), published", rates: bpd, qualities: psnr)
        }
    }

    /// Where the curves come from, in a sentence; empty where the files do not say.
    public var origin: String
    public var curves: [Curve]

    public init(origin: String = "", curves: [Curve]) {
        self.origin = origin
        self.curves = curves
    }

    public func curve(source: String, dimension: Int, method: String) -> Curve? {
        curves.first { $0.source == source && $0.dimension == dimension && $0.method == method }
    }

    /// The curves of one source alone.
    public func of(source: String, dimension: Int) -> PublishedCurves {
        PublishedCurves(origin: origin, curves: curves.filter { $0.source == source && $0.dimension == dimension })
    }

    // MARK: Reading

    /// - Throws: `ReportingError` naming the file and the curve when something cannot be read, has another form, holds
    ///   numbers that no curve can have, or has a curve twice.
    public init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ReportingError(place: path, problem: "there is no such file or folder", remedy: "Check the path.")
        }
        if isFolder.boolValue { try self.init(folder: path) } else { try self.init(file: path) }
        var seen: Set<[String]> = []
        for curve in curves {
            let name = "\(curve.source)_\(curve.dimension)d_\(curve.method)"
            if let problem = curve.problem {
                throw ReportingError(
                    place: path, item: name, problem: problem, remedy: "Correct the curve, or leave it out.")
            }
            guard seen.insert([curve.source, "\(curve.dimension)", curve.method]).inserted else {
                throw ReportingError(place: path, item: name, problem: "the curve is there twice", remedy: "Keep one.")
            }
        }
    }

    private static let fileForm =
        "Expected {\"origin\": \"..\", \"curves\": [{\"source\", \"dimension\", \"method\", \"bpd\": [..], "
        + "\"psnr\": [..]}, ..]}."

    private init(file: String) throws {
        let json = try CompressAIResults.json(file)
        var list = json
        origin = ""
        if case .object(let top) = json {
            if case .string(let text)? = top["origin"] { origin = text }
            list = top["curves"] ?? .null
        }
        guard case .array(let elements) = list else {
            throw ReportingError(place: file, problem: "the file holds no list of curves", remedy: Self.fileForm)
        }
        curves = try elements.enumerated().map { index, element in
            guard case .object(let fields) = element, let curve = Curve(fields) else {
                throw ReportingError(
                    place: file, item: "curves[\(index)]", problem: "this is no curve", remedy: Self.fileForm)
            }
            return curve
        }
    }

    private init(folder: String) throws {
        let remedy = "Name the files SOURCE_Nd_METHOD.json, such as boomerang_2d_ecvq.json."
        origin = ""
        curves = try CompressAIResults.files(in: folder, remedy: remedy).map { path in
            let parts = (path as NSString).lastPathComponent.dropLast(5).split(
                separator: "_", omittingEmptySubsequences: false
            ).map(String.init)
            guard parts.count == 3, parts[1].hasSuffix("d"), let dimension = Int(parts[1].dropLast()) else {
                throw ReportingError(
                    place: path, problem: "its name does not say source, dimension and method",
                    remedy: remedy)
            }
            let file = try CompressAIResults(contentsOf: URL(fileURLWithPath: path))
            let curve = try file.curve(rate: "bpd", quality: "psnr")
            return Curve(
                source: parts[0], dimension: dimension, method: parts[2], bpd: curve.rates, psnr: curve.qualities)
        }
    }

    // MARK: Writing

    /// The curves in the form that `init(path:)` reads.
    public var json: JSONValue {
        ["origin": .string(origin), "curves": .array(curves.map(\.json))]
    }
}

extension PublishedCurves.Curve {
    /// From a curve's JSON object; nil where it has another form.
    fileprivate init?(_ fields: [String: JSONValue]) {
        func numbers(_ key: String) -> [Double]? {
            guard case .array(let elements)? = fields[key] else { return nil }
            let numbers = elements.compactMap { element -> Double? in
                switch element {
                case .number(let number): number
                case .null: .nan
                default: nil
                }
            }
            return numbers.count == elements.count ? numbers : nil
        }
        guard case .string(let source)? = fields["source"], case .string(let method)? = fields["method"],
            case .number(let dimension)? = fields["dimension"], let whole = Int(exactly: dimension),
            let bpd = numbers("bpd"), let psnr = numbers("psnr")
        else { return nil }
        guard bpd.count == psnr.count else {
            self.init(source: source, dimension: whole, method: method, bpd: bpd, psnr: psnr)
            return
        }
        // A point of which one figure is missing is left out.
        let points = zip(bpd, psnr).filter { !$0.0.isNaN && !$0.1.isNaN }
        self.init(source: source, dimension: whole, method: method, bpd: points.map(\.0), psnr: points.map(\.1))
    }

    /// Why this can be no curve.
    fileprivate var problem: String? {
        if source.isEmpty || method.isEmpty { return "the source or the method has no name" }
        if dimension < 1 { return "the dimension is \(dimension)" }
        if bpd.isEmpty { return "the curve has no points" }
        if bpd.count != psnr.count { return "\(bpd.count) rates and \(psnr.count) PSNRs" }
        if let bad = bpd.first(where: { $0 <= 0 || !$0.isFinite }) { return "the rate \(bad) is not above zero" }
        if let bad = psnr.first(where: { !$0.isFinite }) { return "the PSNR \(bad) is not finite" }
        return nil
    }

    package var json: JSONValue {
        [
            "source": .string(source), "dimension": .integer(Int64(dimension)), "method": .string(method),
            "bpd": .array(bpd.map { .number($0) }), "psnr": .array(psnr.map { .number($0) }),
        ]
    }
}
