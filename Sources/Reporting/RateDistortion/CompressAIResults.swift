import Core
import Datasets
import Foundation

/// Results in the JSON form of CompressAI's benchmark, in which most published curves can be had.
///
///     let vtm = try CompressAIResults(path: "curves/vtm.json")
///     print(vtm.name, vtm.metrics)                               // "VTM" ["bpp", "psnr-rgb"]
///     let curve = try vtm.curve(quality: "psnr-rgb")
///
/// The form: {"name": "VTM", "description": "...", "results": {"bpp": [..], "psnr-rgb": [..]}}, or these lists alone.
/// A figure may be missing: null, or Python's NaN.
public struct CompressAIResults: Sendable {
    /// Where it was read from.
    public let path: String
    /// The file's own name for itself; its file name if that is empty.
    public let name: String
    /// What the file says of itself; may be empty.
    public let description: String
    /// The names under "results" that hold lists of numbers, sorted.
    public var metrics: [String] { lists.keys.sorted() }
    private let lists: [String: [Double]]
    /// What stands before a key in messages: the part of the file that this is.
    private let prefix: String

    private static let expected = "Expected {\"name\": .., \"results\": {\"bpp\": [..], \"psnr-rgb\": [..]}}."

    /// The paths of a folder's .json files, by name.
    /// - Throws: `LloydError` when the folder cannot be read, and with this remedy when it holds none.
    package static func files(in folder: String, remedy: String) throws -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
        } catch {
            throw LloydError(
                at: folder, problem: "cannot be read: \((error as NSError).localizedDescription)",
                remedy: "Check the permissions.")
        }
        guard !names.isEmpty else {
            throw LloydError(at: folder, problem: "the folder holds no .json file", remedy: remedy)
        }
        return names.sorted().map { folder + "/" + $0 }
    }

    /// - Throws: `LloydError` naming the file when it cannot be read, is not JSON or has another form.
    public init(path: String) throws {
        try self.init(Self.json(path), in: path)
    }

    /// The JSON of a file of curves. NaN and Infinity, which Python's json module writes, are read as null.
    /// - Throws: `LloydError` that names the line and the key.
    static func json(_ path: String) throws -> JSONValue {
        do {
            return try JSONFile(file: path, sizeLimit: 16 << 20, nonFinite: .null).decode(JSONValue.self)
        } catch let error as LloydError {
            throw LloydError(
                at: error.path, problem: error.problem,
                remedy: error.remedy)
        }
    }

    /// From a JSON object that is the file, or the part of it that `item` names.
    package init(_ json: JSONValue, in path: String, item: String = "") throws {
        self.path = path
        prefix = item.isEmpty ? "" : item + "."
        guard case .object(let top) = json else {
            throw LloydError(
                at: path, item: item,
                problem: "\(item.isEmpty ? "the file does not hold" : "this is not") a JSON object",
                remedy: Self.expected)
        }
        // Some authors publish the lists without the frame around them.
        var results = top
        if case .object(let inner)? = top["results"] { results = inner }
        var lists: [String: [Double]] = [:]
        for (key, value) in results {
            // A list of nulls alone is not a list of numbers.
            guard let numbers = value.numbers, numbers.isEmpty || numbers.contains(where: { !$0.isNaN }) else {
                continue
            }
            lists[key] = numbers
        }
        guard !lists.isEmpty else {
            throw LloydError(
                at: path, item: prefix + "results", problem: "there is no list of numbers",
                remedy: Self.expected)
        }
        self.lists = lists
        if case .string(let name)? = top["name"], !name.isEmpty {
            self.name = name
        } else {
            name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        }
        if case .string(let text)? = top["description"] { description = text } else { description = "" }
    }

    /// The curve of one quality over one rate. Points of which one of the two is null are left out.
    ///
    /// - Throws: `LloydError` naming the file and the key if there is no such list, or if the lists differ in length.
    public func curve(rate: String = "bpp", quality: String) throws -> RateDistortionCurve {
        func list(_ key: String) throws -> [Double] {
            guard let list = lists[key] else {
                throw LloydError(
                    at: path, item: prefix + "results.\(key)",
                    problem: "there is no list of numbers of this name",
                    remedy: "It has: \(metrics.joined(separator: ", ")).")
            }
            return list
        }
        let rates = try list(rate)
        let qualities = try list(quality)
        guard rates.count == qualities.count else {
            throw LloydError(
                at: path, item: prefix + "results.\(quality)",
                problem: "\(qualities.count) values for the \(rates.count) of \(rate)",
                remedy: "Get the file anew, or leave it out.")
        }
        let points = zip(rates, qualities).filter { !$0.0.isNaN && !$0.1.isNaN }
        return RateDistortionCurve(name: name, rates: points.map(\.0), qualities: points.map(\.1))
    }
}
