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
/// Single files appear whole or not at all: they are written under a temporary name and renamed. `RunMarker` and
/// `RunFolder.begin` say what may be removed in the folder, and when.
public final class RunFolder {
    /// What a start wants of its folder.
    public enum Purpose: Sendable {
        /// A new run in a folder without one.
        case start
        /// A new run, which replaces the one that is there, if any.
        case replace
        /// To continue the run that is there.
        case resume
    }

    /// The metrics, a JSON object on each line.
    public static let jsonMetrics = "metrics.jsonl"
    /// The same metrics as a table.
    public static let csvMetrics = "metrics.csv"

    /// As it was given, without slashes at its end.
    public let path: String
    /// What this start wants of the folder.
    public let purpose: Purpose
    /// Called with what the user should know, such as a file of theirs that was moved out of the way.
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

    /// Checks that this process still holds the folder.
    /// - Throws: `LloydError.file` when another process has taken the folder over.
    public func requireOwnership() throws { try lock.requireOwnership() }

    // MARK: Files

    /// Prepares for writing a file: makes its parent folder and puts its name on the marker's list.
    ///
    /// What has that name and is not this run's, a user's file or a link, is given another name first.
    /// - Parameters:
    ///   - name: a path within the folder.
    ///   - asPreparation: whether the file is not a result: a run that has left no others may be replaced.
    /// - Returns: the full path.
    /// - Throws: `LloydError.file` when another process has taken the folder over, or something is in the way.
    public func prepareFile(_ name: String, asPreparation: Bool = false) throws -> String {
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
            throw LloydError.file(
                path: full, problem: "a folder has the name of a file of the run", remedy: "move it away")
        default: try setAside(name)
        }
        if marker!.register(name, asPreparation: asPreparation) { try marker!.write(to: path) }
        known.insert(name)
        return full
    }

    /// Writes a text as a whole file.
    /// - Throws: what `prepareFile` throws, and `LloydError` if the file cannot be written.
    public func write(_ text: String, to name: String, asPreparation: Bool = false) throws {
        try write(Data(text.utf8), to: name, asPreparation: asPreparation)
    }

    /// Writes bytes as a whole file.
    /// - Throws: what `prepareFile` throws, and `LloydError` if the file cannot be written.
    public func write(_ data: Data, to name: String, asPreparation: Bool = false) throws {
        try OutputFile.write(data, to: try prepareFile(name, asPreparation: asPreparation))
        if !asPreparation { try noteResult() }
    }

    /// Writes a file that a method made; rows of metrics that it counts on are on disk before.
    /// - Throws: what `prepareFile` and the artifact throw.
    public func write(_ artifact: Artifact) throws {
        let full = try prepareFile(artifact.path, asPreparation: artifact.isPreparation)
        try metrics.sync()
        try artifact.write(full)
        if !artifact.isPreparation { try noteResult() }
    }

    /// Lists files that something else writes into the folder, such as a report, as this run's.
    /// - Throws: `LloydError.file` when another process has taken the folder over, or the marker cannot be written.
    public func register(_ names: [String]) throws {
        try lock.requireOwnership()
        var isNew = false
        for name in names where marker!.register(name) { isNew = true }
        if isNew { try marker!.write(to: path) }
    }

    /// Reads a whole file of the folder.
    /// - Throws: `LloydError.file` if it is not there or cannot be read.
    public func read(_ name: String) throws -> Data { try RunFiles.read(path + "/" + name) }

    /// Removes the files of this run that lie below a folder in it, and the folder if nothing else is there.
    /// - Throws: `LloydError.file` when another process has taken the folder over, or a file cannot be removed.
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
    /// - Throws: `LloydError.file` when another process has taken the folder over, or a file cannot be written.
    public func append(_ row: MetricRow) throws {
        try lock.requireOwnership()
        if !metrics.isOpen {
            try metrics.create(
                try prepareFile(Self.jsonMetrics), try prepareFile(Self.csvMetrics), names: row.fields.map(\.name))
        }
        try metrics.append(row)
        guard marker?.replaces != nil else { return }
        try metrics.sync()
        try noteResult()
    }

    /// Makes sure that all rows so far are on disk: called before anything that counts them appears there.
    /// - Throws: `LloydError.file`.
    public func syncMetrics() throws { try metrics.sync() }

    /// Whole rows that both metrics files of a folder hold: what an interrupted run can continue from.
    /// - Throws: `LloydError.file` if a file is there and cannot be read.
    public static func metricRows(in path: String) throws -> Int { try MetricFiles(folder: path).wholeRows() }

    /// Continues the metrics of an earlier run after its first `rows` rows; later ones are cut off.
    func keepMetrics(rows: Int) throws {
        _ = try prepareFile(Self.jsonMetrics)
        _ = try prepareFile(Self.csvMetrics)
        try metrics.keep(rows: rows)
    }
}
