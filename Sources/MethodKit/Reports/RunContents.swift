import Core
import Datasets
import Foundation
import Reporting
import Training

/// What a finished run left in its folder, as reports need it.
///
///     let run = try RunContents(folder: "runs/rrq-demo", schema: schema)
///     run.method.name                                         // "rrq"
///     run.config[Keys.general.seed]                           // 1
public struct RunContents {
    /// The folder's name, which stands for the run in legends and tables.
    public let name: String
    /// As it was named, without a slash at the end.
    public let path: String
    /// What the run has trained with.
    public let method: any Method.Type
    /// What the result depends on.
    public let config: ResolvedConfig
    /// The whole config, as YAML.
    public let configText: String
    /// What it cost.
    public let accounting: RunAccounting
    private let recordData: Data

    /// What every record says about itself.
    private struct Heading: Decodable {
        var method: String?
        /// Where records of NVTC had it once.
        var kind: String?
        var config: [String: ConfigValue]?
    }

    /// - Throws: `LloydError` when the folder holds no finished run, a damaged one, or one of a method that this program
    ///   does not have.
    public init(folder path: String, schema: Schema) throws {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = path
        name = (path as NSString).lastPathComponent
        configText = String(decoding: try Self.read(path, "config.yaml"), as: UTF8.self)
        recordData = try Self.read(path, RunRecord.fileName)
        let heading = try Self.decode(Heading.self, recordData, path)
        guard let found = heading.method ?? heading.kind else {
            throw LloydError(
                at: path + "/" + RunRecord.fileName, problem: "does not say which method it is of",
                remedy: "Train it again.")
        }
        do {
            method = try schema.method(found)
        } catch let unknown as UnknownMethod {
            throw LloydError(
                at: path + "/" + RunRecord.fileName, problem: "is of an unknown method: \(unknown.problem)",
                remedy: unknown.remedy)
        }
        do {
            config = try heading.config.map { ResolvedConfig($0) } ?? ResolvedConfig(yaml: configText)
        } catch {
            throw LloydError(
                at: path + "/config.yaml", problem: "is not YAML: \(error)", remedy: "Train it again.")
        }
        accounting = try Self.decode(RunAccounting.self, try Self.read(path, RunAccounting.fileName), path)
    }

    /// The heading of the run's report.
    public var title: String { config[Keys.general.title] ?? name }

    /// The bytes of a file of the run.
    public func read(_ name: String) throws -> Data { try Self.read(path, name) }

    /// The files and folders of a run that reports are made of.
    static func inputs(of folder: String) -> [String] {
        [
            "config.yaml", RunRecord.fileName, RunAccounting.fileName, "metrics.jsonl", "metrics.csv", anchorsFile,
            "pictures", "partitions", "points", "models", "codebooks", "transform.safetensors",
        ].map { folder + "/" + $0 }
    }

    /// The run's copy of the published curves that its config named.
    public static let anchorsFile = "anchors.json"

    /// Where that copy is; nil if the config named none.
    public var anchors: String? {
        let file = path + "/" + Self.anchorsFile
        return FileManager.default.fileExists(atPath: file) ? file : nil
    }

    /// The run with its record.
    /// - Throws: `LloydError` for a record that is damaged.
    public func finished<M: Method>(_ method: M.Type) throws -> FinishedRun<M.Record> {
        let record = try Self.decode(M.Record.self, recordData, path)
        try M.check(record, file: path + "/" + RunRecord.fileName)
        return FinishedRun(name: name, run: self, record: record)
    }

    /// Larger files of a run are not read, in bytes.
    private static let sizeLimit = 1 << 30

    private static func read(_ path: String, _ name: String) throws -> Data {
        do {
            return try InputFile.read(path + "/" + name, most: sizeLimit)
        } catch let error as LloydError {
            throw LloydError(
                at: error.path,
                problem: "\(error.problem), but reports need it: this is not the folder of a finished run",
                remedy: "Name a run folder whose training has finished, or finish it with `lloyd train ... --resume`.")
        }
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data, _ path: String) throws -> Value {
        do {
            return try JSONFile(data, path: path).decode(type)
        } catch let error as LloydError {
            throw LloydError(
                at: error.path, problem: "the run's records are damaged: \(error.problem)", remedy: "Train it again."
            )
        }
    }
}

/// A finished run with the record of its method.
public struct FinishedRun<Record> {
    /// What a report calls it: its folder's name, or its path if several have that name.
    public var name: String
    /// What is in its folder.
    public var run: RunContents
    /// What the method says about it.
    public var record: Record

    public init(name: String, run: RunContents, record: Record) {
        self.name = name
        self.run = run
        self.record = record
    }
}
