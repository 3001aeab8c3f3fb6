import Datasets
import Foundation
import Neural
import Numerics
import Training

/// The finished points of a study, on disk as soon as they are measured: an interrupted run goes on with the next.
///
///     let store = try PointStore(resuming: "runs/toy-boomerang")
///     store.holds("ntc-64")                                   // then points/ntc-64.json and models/ntc-64.safetensors exist
///     try store.add(point, name: "ntc-128", partition: nil, model: tensors, loop)
///
/// All ranks read the folder when a run resumes; afterwards only the coordinator writes.
public final class PointStore {
    /// Every finished point, in the order in which they were finished.
    public private(set) var points: [ToyRecord.Point] = []
    private var names: Set<String> = []
    /// Models that later points start from: on every rank.
    private var models: [String: [String: Tensor]] = [:]
    private let runFolder: String
    /// Rows of metrics that the run had when its last point was finished: where a resumed run goes on.
    public private(set) var metricRows = 0

    /// A point as its file holds it.
    private struct Stored: Codable {
        var point: ToyRecord.Point
        var metricRows: Int
    }

    /// Tensors of a model before its decoder was trained on rounded latents.
    static let startPrefix = "start."

    /// A run that starts anew.
    public init(runFolder: String) { self.runFolder = runFolder }

    /// Files of points that count on rows of metrics which are lost: they are trained again.
    public private(set) var lost: [String] = []

    /// A run that goes on: reads every point that was finished.
    /// - Parameter rows: rows of metrics that are left.
    /// - Throws: `DatasetError` when a point's file is damaged.
    public init(resuming runFolder: String, metricRows rows: Int = .max) throws {
        self.runFolder = runFolder
        let folder = runFolder + "/points"
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".json")
        }
        for file in files.sorted() {
            let path = folder + "/" + file
            do {
                let data = try InputFile.read(path)
                let stored = try JSONDecoder().decode(Stored.self, from: data)
                guard stored.metricRows <= rows else {
                    lost.append(path)
                    continue
                }
                points.append(stored.point)
                metricRows = max(metricRows, stored.metricRows)
            } catch {
                throw DatasetError(
                    path: path, problem: "is not a finished point: \(error)",
                    remedy: "move it away, and it is trained again")
            }
            names.insert(String(file.dropLast(".json".count)))
        }
    }

    /// The name of a point and of its files.
    static func name(_ method: ToyMethod, lambda: Double? = nil, codewords: Int? = nil) -> String {
        method.rawValue + "-" + (lambda.map(compact) ?? "\(codewords ?? 0)")
    }

    public func holds(_ name: String) -> Bool { names.contains(name) }

    /// Loads the state that training for the next lambda starts from.
    /// - Throws: `DatasetError` when the model's file is missing or damaged.
    func loadModel(_ name: String, into parameters: ParameterSet) throws {
        if let tensors = models[name] {
            for parameter in parameters.parameters {
                guard let elements = tensors[Self.startPrefix + parameter.name]?.elements(Float.self) else {
                    preconditionFailure("the model \(name) lacks \(parameter.name)")
                }
                parameter.values.update(from: elements, count: elements.count)
            }
        } else {
            try parameters.load(
                from: SafeTensors(runFolder + "/" + Self.modelFile(name)), prefix: Self.startPrefix)
        }
    }

    static func modelFile(_ name: String) -> String { "models/\(name).safetensors" }

    /// Keeps a finished point; on the coordinator, writes its files, the point itself last.
    func add(
        _ point: ToyRecord.Point, name: String, partition: ToyPartition? = nil, model: [String: Tensor]? = nil,
        _ loop: TrainingLoop
    ) throws {
        var point = point
        if partition != nil { point.partition = "partitions/\(name).safetensors" }
        // Picture or not must be the same in every rank's record, though only the coordinator has the picture.
        points.append(point)
        names.insert(name)
        if let model { models[name] = model }
        guard loop.isCoordinator else { return }
        if let partition {
            try loop.onArtifact?(Artifact(path: point.partition!) { try partition.write(to: $0) })
        }
        if let model {
            try loop.onArtifact?(
                Artifact(path: Self.modelFile(name)) {
                    try SafeTensors.write(model, metadata: ["format": "lloyd-model-1", "point": name], to: $0)
                })
        }
        try loop.record(row(point))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(Stored(point: point, metricRows: loop.rowsRecorded))
        try loop.onArtifact?(Artifact(path: "points/\(name).json") { try AtomicFile.write(data, to: $0) })
    }

    private func row(_ point: ToyRecord.Point) -> MetricRow {
        ToyMetrics(method: point.method, lambda: point.lambda, codewords: point.codewords).row(
            phase: "test", step: point.trainingSteps, rate: nil, bits: point.bitsPerDimension,
            meanSquaredError: point.meanSquaredError, alive: point.alive)
    }
}
