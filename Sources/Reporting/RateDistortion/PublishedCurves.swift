import Core
import Datasets
import Foundation

/// Rate-distortion curves that others have published, to compare one's own with: read from one file, or from a folder with
/// a file for each curve.
///
///     let published = try PublishedCodecs(path: "Configs/anchors/kodak.json")
///     published.curves.map(\.name)                            // ["JPEG", "JPEG2000", ...]
///     published.curves[0].rateDistortion.rates                // bits per pixel
///     published.origin                                        // who published them, in a sentence
///
/// The file: {"origin": "...", "curves": [..]}, that list alone, or one curve alone. What a curve is made of is up to its
/// type: `PublishedCodec` has those of image codecs; a method may have others.
public struct PublishedCurves<Curve: PublishedCurve>: Sendable, Equatable {
    /// Where the curves come from, in a sentence; empty if the files do not say.
    public var origin: String
    /// In the order of the file, or of the names of a folder's files.
    public var curves: [Curve]

    public init(origin: String = "", curves: [Curve]) {
        self.origin = origin
        self.curves = curves
    }

    // MARK: Reading

    /// Reads a file, or every .json file of a folder.
    ///
    /// - Throws: `LloydError` naming the file and the curve if something cannot be read, has another form, holds
    ///   numbers that no curve can have, or has a curve twice.
    public init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw LloydError(at: path, problem: "there is no such file or folder", remedy: "Check the path.")
        }
        if isFolder.boolValue { try self.init(folder: path) } else { try self.init(file: path) }
        var seen: Set<String> = []
        for curve in curves {
            if let problem = curve.problem {
                throw LloydError(
                    at: path, item: curve.name, problem: problem, remedy: "Correct the curve, or leave it out.")
            }
            guard seen.insert(curve.name).inserted else {
                throw LloydError(
                    at: path, item: curve.name, problem: "two curves have this name",
                    remedy: "Keep one, or rename one.")
            }
        }
    }

    private init(file: String) throws {
        let json = try CompressAIResults.json(file)
        var origin = ""
        var list = json
        if case .object(let top) = json {
            if case .string(let text)? = top["origin"] { origin = text }
            guard let curves = top["curves"] else {
                // Without a list the object is a curve itself.
                self.init(origin: origin, curves: [try Curve(json, in: file, item: "")])
                return
            }
            list = curves
        }
        guard case .array(let elements) = list, !elements.isEmpty || Curve.mayBeNone else {
            throw LloydError(
                at: file, problem: "the file holds no list of curves",
                remedy: "Expected {\"origin\": \"..\", \"curves\": [\(Curve.form), ..]}, or one such curve.")
        }
        self.init(
            origin: origin,
            curves: try elements.enumerated().map { try Curve($1, in: file, item: "curves[\($0)]") })
    }

    private init(folder: String) throws {
        let files = try CompressAIResults.files(in: folder, remedy: Curve.folderRemedy)
        self.init(curves: try files.map { try Curve(fileOfItsOwn: $0) })
    }

    // MARK: Writing

    /// The curves in the form that `init(path:)` reads.
    public var json: JSONValue {
        ["origin": .string(origin), "curves": .array(curves.map(\.json))]
    }
}

/// A curve as somebody has published it: what `PublishedCurves` needs to know of it.
public protocol PublishedCurve: Sendable, Equatable {
    /// Its JSON form, for people: `{"name", "results": {"bpp": [..]}}`.
    static var form: String { get }
    /// What to do about a folder that holds no such curves.
    static var folderRemedy: String { get }
    /// Whether a file with an empty list is in order.
    static var mayBeNone: Bool { get }

    /// What tells it from the other curves of its file.
    var name: String { get }
    /// Rates and qualities.
    var rateDistortion: RateDistortionCurve { get }
    /// Why this cannot be a curve, for people; nil if it can.
    var problem: String? { get }
    /// The form that `init(_:in:item:)` reads.
    var json: JSONValue { get }

    /// - Parameters:
    ///   - json: the whole file, or the part of it that `item` names.
    ///   - file: its path, for messages.
    /// - Throws: `LloydError` naming the file and the item for JSON of another form.
    init(_ json: JSONValue, in file: String, item: String) throws
    /// One of a folder of files in CompressAI's form.
    /// - Throws: `LloydError` naming the file.
    init(fileOfItsOwn file: String) throws
}

extension PublishedCurve {
    public static var mayBeNone: Bool { false }
}

extension RateDistortionCurve {
    /// Why these cannot be points that somebody has published, for people; nil if they can.
    public var problemOfPublished: String? {
        if rates.isEmpty { return "the curve has no points" }
        if rates.count != qualities.count { return "\(rates.count) rates and \(qualities.count) PSNRs" }
        if let bad = rates.first(where: { $0 <= 0 || !$0.isFinite }) { return "the rate \(bad) is not above zero" }
        if let bad = qualities.first(where: { !$0.isFinite }) { return "the PSNR \(bad) is not finite" }
        return nil
    }
}
