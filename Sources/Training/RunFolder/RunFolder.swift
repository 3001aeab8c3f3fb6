import Datasets
import Foundation

/// The folder of one run: resolved config, metrics, codebooks, report. Only the coordinator writes to it.
///
///     let folder = try RunFolder.create("runs/faces", replacing: false)
///     try folder.write(text, to: "config.yaml")
///     try folder.append(row)                                  // metrics.jsonl and metrics.csv
///
/// Single files appear whole or not at all: written under a temporary name and renamed.
public final class RunFolder {
    public let path: String
    private var metricNames: [String]?
    private var jsonLines: FileHandle?
    private var csv: FileHandle?

    /// What a run leaves in its folder, and what a new run there replaces.
    private static let contents = [
        "config.yaml", "metrics.jsonl", "metrics.csv", "accounting.json", "record.json", "codebooks", "pictures",
        "report", "partitions", "models", "points", "anchors.json", Checkpoint.folderName, "transform.safetensors",
    ]

    private init(path: String) { self.path = path }

    /// What a run has learned: with any of these, the folder holds a run. A run that failed before leaves no more than its
    /// config, which the next one may replace.
    private static let achievements = ["metrics.jsonl", "record.json", "codebooks", "points"]

    /// Prepares an empty run folder.
    /// - Parameters:
    ///   - replacing: whether an earlier run's files may be removed.
    ///   - keeping: files of an earlier run that stay all the same, such as the codebooks of a run that is resumed.
    /// - Throws: `TrainingError.file` when the folder already holds a run, or cannot be made.
    public static func create(_ path: String, replacing: Bool, keeping: Set<String> = []) throws -> RunFolder {
        let manager = FileManager.default
        func exists(_ name: String) -> Bool { manager.fileExists(atPath: path + "/" + name) }
        guard replacing || !achievements.contains(where: exists) else {
            throw TrainingError.file(
                path: path, problem: "this folder already holds a run",
                remedy: "choose another with --run, continue it with --resume, or replace it with --overwrite")
        }
        for name in contents where exists(name) && !keeping.contains(name) {
            try wrapped(path + "/" + name) { try manager.removeItem(atPath: path + "/" + name) }
        }
        try wrapped(path) { try manager.createDirectory(atPath: path, withIntermediateDirectories: true) }
        try wrapped(path) { try AtomicFile.removeHalfWritten(below: path) }
        return RunFolder(path: path)
    }

    /// Opens the folder of an earlier run, to read it or to go on with it.
    public static func open(_ path: String) throws -> RunFolder {
        guard FileManager.default.fileExists(atPath: path + "/config.yaml") else {
            throw TrainingError.file(
                path: path, problem: "this is not a run folder: it has no config.yaml",
                remedy: "name the folder that `lloyd train` printed as its run folder")
        }
        return RunFolder(path: path)
    }

    /// The full path of a file in the folder; its parent folder is made.
    public func place(_ name: String) throws -> String {
        let full = path + "/" + name
        let parent = (full as NSString).deletingLastPathComponent
        try Self.wrapped(parent) {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        }
        return full
    }

    /// Writes a whole file.
    public func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

    /// Writes a whole file.
    public func write(_ data: Data, to name: String) throws {
        let full = try place(name)
        try Self.wrapped(full) { try data.write(to: URL(fileURLWithPath: full), options: .atomic) }
    }

    /// Reads a whole file.
    public func read(_ name: String) throws -> Data {
        try Self.wrapped(path + "/" + name) { try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) }
    }

    /// Adds a row to metrics.jsonl and metrics.csv. All rows of a run have the same names.
    public func append(_ row: MetricRow) throws {
        let names = row.fields.map(\.name)
        if metricNames == nil {
            metricNames = names
            jsonLines = try emptyFile("metrics.jsonl")
            csv = try emptyFile("metrics.csv")
            try append(names.joined(separator: ","), to: csv!, "metrics.csv")
        }
        precondition(metricNames == names, "a run's metrics keep their names")
        try append(row.json, to: jsonLines!, "metrics.jsonl")
        try append(row.csv, to: csv!, "metrics.csv")
    }

    /// Goes on with the metrics of an earlier run after its first `rows` rows; later ones are cut off.
    /// - Throws: `TrainingError.file` when the files hold fewer rows, or cannot be read.
    public func keepMetrics(rows: Int) throws {
        func cut(_ name: String, lines count: Int) throws -> FileHandle {
            let full = path + "/" + name
            let lines = String(decoding: try read(name), as: UTF8.self).split(separator: "\n")
            guard lines.count >= count else {
                throw TrainingError.file(
                    path: full, problem: "holds \(lines.count) lines where finished points have left \(count)",
                    remedy: "train the run again with --overwrite")
            }
            try write(lines[..<count].map { $0 + "\n" }.joined(), to: name)
            return try Self.wrapped(full) {
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: full))
                try handle.seekToEnd()
                return handle
            }
        }
        jsonLines = try cut("metrics.jsonl", lines: rows)
        csv = try cut("metrics.csv", lines: rows + 1)
        let header = String(decoding: try read("metrics.csv"), as: UTF8.self).prefix { $0 != "\n" }
        metricNames = header.split(separator: ",").map(String.init)
    }

    private func emptyFile(_ name: String) throws -> FileHandle {
        let full = try place(name)
        return try Self.wrapped(full) {
            try Data().write(to: URL(fileURLWithPath: full))
            return try FileHandle(forWritingTo: URL(fileURLWithPath: full))
        }
    }

    private func append(_ line: String, to file: FileHandle, _ name: String) throws {
        try Self.wrapped(path + "/" + name) { try file.write(contentsOf: Data((line + "\n").utf8)) }
    }

    private static func wrapped<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as TrainingError {
            throw error
        } catch {
            throw TrainingError.file(
                path: path, problem: (error as NSError).localizedDescription,
                remedy: "check that the folder exists and may be written, and that the disk is not full")
        }
    }
}
