import Codec
import Core
import Datasets
import Foundation

/// Evaluations as they lie in files: read, and checked before a report believes them.
///
///     let records = try EvaluationFiles.read("Reports/classical-kodak")       // a file, or a folder of them
///     try EvaluationFiles.isEvaluation("runs/nvtc-small")                     // false: a run folder
package enum EvaluationFiles {
    /// Whether a path is an evaluation's file or a folder with such files directly in it.
    package static func isEvaluation(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return false }
        guard isFolder.boolValue else { return true }
        // A run that has been evaluated too is a run.
        guard !FileManager.default.fileExists(atPath: path + "/config.yaml") else { return false }
        return !files(in: path).isEmpty
    }

    /// - Throws: `LloydError` naming the file and the point that is damaged, or if there is no evaluation.
    package static func read(_ path: String) throws -> [EvaluationRecord] {
        try paths(path).map(record)
    }

    /// The files that a path stands for.
    package static func paths(_ path: String) -> [String] {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return isFolder.boolValue ? files(in: path) : [path]
    }

    private static func files(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + "/" + $0 }.filter { kind($0) != nil }
    }

    private static let kind = "evaluation"

    /// The file's kind if that is an evaluation's; nil for other files.
    private static func kind(_ path: String) -> String? {
        struct Kind: Decodable { var kind: String }
        guard let data = try? InputFile.read(path, most: JSONFile.sizeLimit),
            let found = try? JSONDecoder().decode(Kind.self, from: data).kind
        else { return nil }
        return found == kind ? found : nil
    }

    private static func record(_ path: String) throws -> EvaluationRecord {
        func reported<Value>(_ work: () throws -> Value) throws -> Value {
            do {
                return try work()
            } catch let error as LloydError {
                throw LloydError(
                    at: error.path, problem: "the evaluation is damaged: \(error.problem)", remedy: "Make it anew.")
            }
        }
        let text = try reported { try JSONFile(file: path) }
        guard kind(path) != nil else {
            throw LloydError(
                at: path, problem: "is not an evaluation: JSON of kind “evaluation”",
                remedy: "Name a file that `lloyd evaluate` or Launch/classical-codecs has written, or a run folder.")
        }
        let record = try reported { try text.decode(EvaluationRecord.self) }
        try check(record, path)
        return record
    }

    private static func check(_ record: EvaluationRecord, _ path: String) throws {
        func fail(_ item: String, _ problem: String) -> LloydError {
            LloydError(at: path, item: item, problem: problem, remedy: "Make the evaluation anew.")
        }
        guard !record.name.isEmpty else { throw fail("name", "it is empty") }
        guard !record.points.isEmpty else { throw fail("points", "the list is empty") }
        for (index, point) in record.points.enumerated() {
            let item = "points[\(index)]"
            guard !point.images.isEmpty else { throw fail(item, "it has no images") }
            for image in point.images {
                guard image.width > 0, image.height > 0, image.bytes > 0 else {
                    throw fail(
                        item, "\(image.name) has \(image.width)x\(image.height) pixels in \(image.bytes) bytes")
                }
                let times = Array(image.encodingSeconds.values) + Array(image.decodingSeconds.values)
                guard image.psnr.isFinite, (0...1).contains(image.msSSIM ?? 0),
                    times.allSatisfy({ $0.isFinite && $0 >= 0 }),
                    (image.layerBits ?? []).allSatisfy({ $0.isFinite && $0 >= 0 }),
                    (image.estimatedBits ?? 0).isFinite
                else { throw fail(item, "\(image.name) has a figure that cannot be") }
            }
            guard Set(point.images.map(\.name)).count == point.images.count else {
                throw fail(item, "an image is there twice")
            }
            guard Set(point.images.map(\.name)) == Set(record.points[0].images.map(\.name)) else {
                throw fail(item, "it has other images than points[0]")
            }
        }
        guard Set(record.points.map(\.setting)).count == record.points.count else {
            throw fail("points", "a setting is there twice")
        }
    }
}
