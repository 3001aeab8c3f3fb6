import Datasets
import Foundation
import Training

/// What an interrupted run has finished, as every rank reads it before the coordinator writes anything.
public protocol FinishedWork {
    /// Of a run that starts anew.
    init(runFolder: String)
    /// Of a run that is resumed.
    /// - Parameter rows: rows of metrics that are left; what counts on more is trained again.
    /// - Throws: `LloydError` for a part that is damaged.
    init(resuming runFolder: String, metricRows rows: Int) throws

    /// How many parts of each kind there are: the same on all ranks, or they would wait for each other for ever.
    var counts: [Int] { get }
    /// Rows of metrics that belong to it; nil if a run that is resumed writes all rows again.
    var metricRows: Int? { get }
    /// What was found damaged or lost, and what follows from it.
    var warnings: [String] { get }
    /// False for a method that has no parts and no checkpoints, and always starts anew.
    static var canResume: Bool { get }
}

extension FinishedWork {
    public static var canResume: Bool { true }
}

/// For a method whose runs start anew when they are resumed.
public struct NoParts: FinishedWork {
    public init(runFolder: String = "") {}
    public init(resuming runFolder: String, metricRows rows: Int) {}
    public var counts: [Int] { [] }
    public var metricRows: Int? { nil }
    public var warnings: [String] { [] }
    public static var canResume: Bool { false }
}

/// The finished parts of a run, on disk as soon as they are measured: a run that is resumed continues with the next.
///
///     if let point = run.parts["ecvq-64"] { print(point) }    // then points/ecvq-64.json exists
///     try run.parts.finish(point, id: "ecvq-64", row: row, run.loop)
///
/// Each is points/ID.json, with the rows of metrics that the run had. All ranks read them when a run is resumed;
/// afterwards only the coordinator writes.
public final class FinishedParts<Part: Codable>: FinishedWork {
    private static var folder: String { "points" }

    /// Every finished part, in the order of their names and then in that in which they were finished.
    public private(set) var all: [Part] = []
    private var byID: [String: Part] = [:]
    /// Where the parts lie.
    public let runFolder: String
    private var rows = 0
    public private(set) var warnings: [String] = []

    /// A part as its file holds it.
    private struct Stored: Codable {
        var point: Part
        var metricRows: Int
    }

    public init(runFolder: String = "") { self.runFolder = runFolder }

    public init(resuming runFolder: String, metricRows rows: Int) throws {
        self.runFolder = runFolder
        let folder = runFolder + "/" + Self.folder
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".json")
        }
        for file in files.sorted() {
            let path = folder + "/" + file
            do {
                let stored = try JSONDecoder().decode(Stored.self, from: InputFile.read(path))
                guard stored.metricRows <= rows else {
                    warnings.append(
                        "\(path) counts on more rows of metrics than the \(rows) that are left, and is trained again.")
                    continue
                }
                all.append(stored.point)
                byID[String(file.dropLast(".json".count))] = stored.point
                self.rows = max(self.rows, stored.metricRows)
            } catch {
                throw LloydError(
                    path: path, problem: "is not a finished point: \(error)",
                    remedy: "move it away, and it is trained again")
            }
        }
    }

    public var counts: [Int] { [all.count] }
    public var metricRows: Int? { rows }

    /// The part of that id; nil if it is not finished.
    public subscript(id: String) -> Part? { byID[id] }

    /// Whether the part of that id is finished.
    public func holds(_ id: String) -> Bool { byID[id] != nil }

    /// Keeps a finished part: its files first, then its row of metrics, then the part itself. Every rank calls it alike; the
    /// coordinator writes.
    public func finish(_ part: Part, id: String, files: [Artifact] = [], row: MetricRow?, _ loop: TrainingLoop) throws {
        all.append(part)
        byID[id] = part
        guard loop.isCoordinator else { return }
        for file in files { try loop.onArtifact?(file) }
        if let row { try loop.record(row) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(Stored(point: part, metricRows: loop.rowsRecorded))
        try loop.onArtifact?(Artifact(path: "\(Self.folder)/\(id).json") { try OutputFile.write(data, to: $0) })
    }
}
