import Datasets
import Foundation
import Stepping

/// The folder of one run: resolved config, metrics, codebooks, report. Only the coordinator writes to it.
///
///     let folder = try RunFolder.claim("runs/faces", for: .start, version: "0.1.0")   // nothing is changed yet
///     // config, data and models are opened and checked here
///     try folder.begin(fingerprints: ["config": "2f1c"])
///     try folder.write(text, to: "config.yaml", asPreparation: true)
///     try folder.append(row)                                  // metrics.jsonl and metrics.csv
///     folder.release()
///
/// Single files appear whole or not at all: written under a temporary name and renamed. What may be removed in the folder,
/// and when, is said at `RunMarker` and `RunFolder.begin`.
public final class RunFolder {
    /// What a start wants of its folder.
    public enum Purpose: Sendable {
        /// A new run, where none is.
        case start
        /// A new run in place of the one that is there, if any.
        case replace
        /// To go on with the run that is there.
        case resume
    }

    public static let jsonMetrics = "metrics.jsonl"
    public static let csvMetrics = "metrics.csv"

    public let path: String
    public let purpose: Purpose
    /// Told what the user should know, such as a file of theirs that was moved out of the way.
    public var onWarning: (String) -> Void = { _ in }
    let version: String
    var marker: RunMarker?
    let lock: RunLock
    /// Folders that `claim` made, innermost first: they go again if the run does not begin.
    let madeFolders: [String]
    var hasBegun = false
    /// Names that are known to be this run's, by their full spelling: they need no further look.
    private var known: Set<String> = []
    private let metrics: MetricFiles

    init(path: String, purpose: Purpose, version: String, marker: RunMarker?, lock: RunLock, madeFolders: [String]) {
        (self.path, self.purpose, self.version) = (path, purpose, version)
        (self.marker, self.lock, self.madeFolders) = (marker, lock, madeFolders)
        metrics = MetricFiles(folder: path)
    }

    /// - Throws: `TrainingError.file` when another process has taken the folder over.
    public func requireOwnership() throws { try lock.requireOwnership() }

    // MARK: Files

    /// The full path of a file that is about to be written; its parent folder is made, its name is put on the marker's list.
    ///
    /// What stands there and is not this run's, a user's file or a link, is moved to a name of its own first.
    /// - Parameter asPreparation: whether the file is no result: a run that has left no others may be replaced.
    public func place(_ name: String, asPreparation: Bool = false) throws -> String {
        precondition(hasBegun, "the run has not begun")
        try lock.requireOwnership()
        let full = path + "/" + name
        try RunFiles.makeFolder(FileName.parent(of: full))
        guard !known.contains(name) else { return full }
        let isListed = marker!.lists(name)
        switch try RunFiles.kind(full) {
        case .none: break
        case .file where isListed: break
        case .folder:
            throw TrainingError.file(
                path: full, problem: "a folder has the name of a file of the run", remedy: "move it away")
        default: try setAside(name)
        }
        if marker!.register(name, asPreparation: asPreparation) { try marker!.write(to: path) }
        known.insert(name)
        return full
    }

    /// Writes a whole file.
    public func write(_ text: String, to name: String, asPreparation: Bool = false) throws {
        try write(Data(text.utf8), to: name, asPreparation: asPreparation)
    }

    /// Writes a whole file.
    public func write(_ data: Data, to name: String, asPreparation: Bool = false) throws {
        try AtomicFile.write(data, to: try place(name, asPreparation: asPreparation))
        if !asPreparation { try noteResult() }
    }

    /// Writes a file that a method made; rows of metrics that it counts on are on disk before.
    public func write(_ artifact: Artifact) throws {
        let full = try place(artifact.path, asPreparation: artifact.isPreparation)
        try metrics.sync()
        try artifact.write(full)
        if !artifact.isPreparation { try noteResult() }
    }

    /// Takes in files that something else has written into the folder, such as a report.
    public func register(_ names: [String]) throws {
        var isNew = false
        for name in names where marker!.register(name) { isNew = true }
        if isNew { try marker!.write(to: path) }
    }

    /// Reads a whole file.
    public func read(_ name: String) throws -> Data { try RunFiles.read(path + "/" + name) }

    /// Removes the files of this run that lie below a folder in it, and the folder if nothing else is there.
    public func remove(below name: String) throws {
        guard let marker else { return }
        try lock.requireOwnership()
        for file in try RunFiles.files(of: marker, in: path) where file.hasPrefix(name + "/") {
            try RunFiles.remove(path + "/" + file)
        }
        for folder in marker.folders.sorted(by: { $0.count > $1.count }) where (folder + "/").hasPrefix(name + "/") {
            rmdir(path + "/" + folder)
        }
        known = known.filter { !$0.hasPrefix(name + "/") }
    }

    /// Gives a file that is not this run's another name.
    private func setAside(_ name: String) throws {
        var number = 1
        while try RunFiles.kind("\(path)/\(name).kept-\(number)") != .none { number += 1 }
        try RunFiles.move(path + "/" + name, "\(path)/\(name).kept-\(number)")
        onWarning(
            "\(path)/\(name) was there, and this run did not write it: it is kept as \(name).kept-\(number)")
    }

    // MARK: Metrics

    /// Adds a row to metrics.jsonl and metrics.csv. All rows of a run have the same names.
    public func append(_ row: MetricRow) throws {
        if !metrics.isOpen {
            try metrics.create(try place(Self.jsonMetrics), try place(Self.csvMetrics), names: row.fields.map(\.name))
        }
        try metrics.append(row)
        guard marker?.replaces != nil else { return }
        try metrics.sync()
        try noteResult()
    }

    /// Makes sure that all rows so far are on disk, as whatever counts them must before it appears.
    public func syncMetrics() throws { try metrics.sync() }

    /// Whole rows that both metrics files of a folder hold: what an interrupted run can go on from.
    /// - Throws: `TrainingError.file` where a file is there and cannot be read.
    public static func metricRows(in path: String) throws -> Int { try MetricFiles(folder: path).wholeRows() }

    /// Goes on with the metrics of an earlier run after its first `rows` rows; later ones are cut off.
    func keepMetrics(rows: Int) throws {
        _ = try place(Self.jsonMetrics)
        _ = try place(Self.csvMetrics)
        try metrics.keep(rows: rows)
    }
}
