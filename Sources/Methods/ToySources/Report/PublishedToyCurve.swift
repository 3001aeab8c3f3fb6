import Foundation
import Reporting

/// Published curves of toy sources.
///
///     let published = try PublishedToyCurves(path: "Configs/anchors/toy-sources.json")
///     let ecvq = published.curve(source: "boomerang", dimension: 2, method: "ecvq")
///     ecvq?.rateDistortion.rates                              // bits per dimension
public typealias PublishedToyCurves = PublishedCurves<PublishedToyCurve>

/// The rate-distortion curve of a quantizer on a toy source that others have published.
///
/// In JSON: {"source", "dimension", "method", "bpd": [..], "psnr": [..]}. In a folder each curve is a file
/// SOURCE_Nd_METHOD.json in CompressAI's form, whose results hold "bpd" and "psnr".
public struct PublishedToyCurve: PublishedCurve {
    /// Name of the source, such as `boomerang`.
    public var source: String
    /// Components of a vector.
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

    public var name: String { "\(source)_\(dimension)d_\(method)" }

    public var rateDistortion: RateDistortionCurve {
        RateDistortionCurve(name: "\(method), published", rates: bpd, qualities: psnr)
    }

    // MARK: Reading

    public static let form = "{\"source\", \"dimension\", \"method\", \"bpd\": [..], \"psnr\": [..]}"
    public static let folderRemedy = "Name the files SOURCE_Nd_METHOD.json, such as boomerang_2d_ecvq.json."
    /// A run keeps a copy of the curves of its own source, of which there may be none.
    public static let mayBeNone = true

    public init(_ json: JSONValue, in file: String, item: String) throws {
        guard case .object(let fields) = json, case .string(let source)? = fields["source"],
            case .string(let method)? = fields["method"], case .number(let dimension)? = fields["dimension"],
            let whole = Int(exactly: dimension), let bpd = fields["bpd"]?.numbers, let psnr = fields["psnr"]?.numbers
        else {
            throw LloydError(
                at: file, item: item, problem: "this is not a curve", remedy: "Expected \(Self.form).")
        }
        self.init(source: source, dimension: whole, method: method, bpd: bpd, psnr: psnr)
        guard bpd.count == psnr.count else { return }
        // A point of which one figure is missing is left out.
        let points = zip(bpd, psnr).filter { !$0.0.isNaN && !$0.1.isNaN }
        (self.bpd, self.psnr) = (points.map(\.0), points.map(\.1))
    }

    public init(fileOfItsOwn file: String) throws {
        let parts = (file as NSString).lastPathComponent.dropLast(5).split(
            separator: "_", omittingEmptySubsequences: false
        )
        .map(String.init)
        guard parts.count == 3, parts[1].hasSuffix("d"), let dimension = Int(parts[1].dropLast()) else {
            throw LloydError(
                at: file, problem: "its name does not say source, dimension and method",
                remedy: Self.folderRemedy)
        }
        let curve = try CompressAIResults(path: file).curve(rate: "bpd", quality: "psnr")
        self.init(source: parts[0], dimension: dimension, method: parts[2], bpd: curve.rates, psnr: curve.qualities)
    }

    public var problem: String? {
        if source.isEmpty || method.isEmpty { return "the source or the method has no name" }
        if dimension < 1 { return "the dimension is \(dimension)" }
        return rateDistortion.problemOfPublished
    }

    // MARK: Writing

    public var json: JSONValue {
        [
            "source": .string(source), "dimension": .integer(Int64(dimension)), "method": .string(method),
            "bpd": .array(bpd.map { .number($0) }), "psnr": .array(psnr.map { .number($0) }),
        ]
    }
}

extension PublishedCurves where Curve == PublishedToyCurve {
    /// The curve of a method on a source; nil if there is none.
    public func curve(source: String, dimension: Int, method: String) -> PublishedToyCurve? {
        curves.first { $0.source == source && $0.dimension == dimension && $0.method == method }
    }

    /// The curves of one source alone.
    public func of(source: String, dimension: Int) -> PublishedToyCurves {
        PublishedToyCurves(origin: origin, curves: curves.filter { $0.source == source && $0.dimension == dimension })
    }
}
