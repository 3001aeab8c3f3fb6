import Core
import Datasets
import Foundation
import NVTC
import RRQ
import ToySources
import Training

/// What a finished run left in its folder, as reports need it.
///
///     let run = try RunContents(folder: "runs/rrq-demo")
///     if case .rrq(let record) = run.record { ... }
public struct RunContents {
    public enum Record {
        case rrq(RRQRecord)
        case study(CodebookStudyRecord)
        case toy(ToyRecord)
        case nvtc(NVTCRecord)
    }

    /// The folder's name, which stands for the run in legends and tables.
    public let name: String
    public let path: String
    public let record: Record
    /// The resolved config, as YAML.
    public let config: String
    public let accounting: RunAccounting

    /// - Throws: `ReportingError` when the folder holds no finished run, or a damaged one.
    public init(folder path: String) throws {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = path
        name = (path as NSString).lastPathComponent
        config = String(decoding: try Self.read(path, "config.yaml"), as: UTF8.self)
        let data = try Self.read(path, RRQRecord.fileName)
        struct Kind: Decodable {
            var method: String?
            var kind: String?
        }
        let kind = try Self.decode(Kind.self, data, path)
        let check = RunRecordCheck(place: path + "/" + RRQRecord.fileName)
        switch kind.method ?? kind.kind {
        case "codebook-study":
            let study = try Self.decode(CodebookStudyRecord.self, data, path)
            try check.check(study)
            record = .study(study)
        case "toy":
            let toy = try Self.decode(ToyRecord.self, data, path)
            try check.check(toy)
            record = .toy(toy)
        case "nvtc":
            let nvtc = try Self.decode(NVTCRecord.self, data, path)
            try NVTCRecordCheck(nvtc, place: path + "/" + NVTCRecord.fileName).run()
            record = .nvtc(nvtc)
        default:
            let rrq = try Self.decode(RRQRecord.self, data, path)
            try check.check(rrq)
            record = .rrq(rrq)
        }
        accounting = try Self.decode(RunAccounting.self, try Self.read(path, RunAccounting.fileName), path)
    }

    /// The bytes of a file of the run.
    public func read(_ name: String) throws -> Data { try Self.read(path, name) }

    /// The files and folders of a run that reports are made of.
    static func inputs(of folder: String) -> [String] {
        [
            "config.yaml", RRQRecord.fileName, RunAccounting.fileName, "metrics.jsonl", "metrics.csv",
            publishedCurvesFile, "pictures", "partitions", "points", "models", "codebooks", "transform.safetensors",
        ].map { folder + "/" + $0 }
    }

    /// The run's copy of the published curves that its config named.
    public static let publishedCurvesFile = "anchors.json"

    /// Published curves to compare the run with; none where its config named none.
    /// - Throws: `ReportingError` when the copy is damaged.
    func publishedCurves() throws -> PublishedCurves {
        let file = path + "/" + Self.publishedCurvesFile
        guard FileManager.default.fileExists(atPath: file) else { return PublishedCurves(curves: []) }
        return try PublishedCurves(path: file)
    }

    /// The same of image codecs.
    func publishedCodecs() throws -> PublishedCodecs {
        let file = path + "/" + Self.publishedCurvesFile
        guard FileManager.default.fileExists(atPath: file) else { return PublishedCodecs(curves: []) }
        return try PublishedCodecs(path: file)
    }

    /// Larger files of a run are not read, in bytes.
    private static let sizeLimit = 1 << 30

    private static func read(_ path: String, _ name: String) throws -> Data {
        do {
            return try InputFile.read(path + "/" + name, most: sizeLimit)
        } catch let error as DatasetError {
            throw ReportingError(
                place: error.path,
                problem: "\(error.problem), but reports need it: this is not the folder of a finished run",
                remedy: "Name a run folder whose training has finished, or finish it with `lloyd train ... --resume`.")
        }
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data, _ path: String) throws -> Value {
        do {
            return try JSONFile(data, path: path).decode(type)
        } catch let error as DatasetError {
            throw ReportingError(
                place: error.path, problem: "the run's records are damaged: \(error.problem)", remedy: "Train it again.")
        }
    }
}
