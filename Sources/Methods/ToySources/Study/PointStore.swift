import Datasets
import Foundation
import MethodKit
import Neural
import Numerics
import Training

/// The finished points of a study, with the models that later points start from.
///
///     let store = PointStore(parts: run.parts)
///     store.holds("ntc-64")                                   // true if points/ntc-64.json exists
///     try store.add(point, name: "ntc-128", partition: nil, model: tensors, loop)
///
/// All ranks read the folder when a run resumes; afterwards only the coordinator writes.
final class PointStore {
    private let parts: FinishedParts<ToyRecord.Point>
    /// Models that later points start from: on every rank.
    private var models: [String: [String: Tensor]] = [:]

    /// Tensors of a model before its decoder was trained on rounded latents.
    static let startPrefix = "start."

    /// - Parameter parts: the points that are finished, and where further ones go.
    init(parts: FinishedParts<ToyRecord.Point> = .init()) { self.parts = parts }

    /// Every finished point, in the order in which they were finished.
    var points: [ToyRecord.Point] { parts.all }

    /// The name of a point and of its files.
    static func name(_ method: ToyMethod, lambda: Double? = nil, codewords: Int? = nil) -> String {
        method.rawValue + "-" + (lambda.map(compact) ?? "\(codewords ?? 0)")
    }

    /// Whether the point of that name is finished.
    func holds(_ name: String) -> Bool { parts.holds(name) }

    /// Loads the state that training for the next lambda starts from.
    /// - Throws: `LloydError` if the model's file is missing or damaged.
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
                from: SafeTensors(parts.runFolder + "/" + Self.modelFile(name)), prefix: Self.startPrefix)
        }
    }

    static func modelFile(_ name: String) -> String { "models/\(name).safetensors" }

    /// Keeps a finished point; on the coordinator, writes its files, the point itself last.
    func add(
        _ point: ToyRecord.Point, name: String, partition: ToyPartition? = nil, model: [String: Tensor]? = nil,
        _ loop: TrainingLoop
    ) throws {
        var point = point
        var files: [Artifact] = []
        // Only the coordinator has the picture, and only its record is kept.
        if let partition {
            let file = "partitions/\(name).safetensors"
            point.partition = file
            files.append(Artifact(path: file) { try partition.write(to: $0) })
        }
        if let model {
            models[name] = model
            files.append(
                Artifact(path: Self.modelFile(name)) {
                    try SafeTensors.write(model, metadata: ["format": "lloyd-model-1", "point": name], to: $0)
                })
        }
        try parts.finish(point, id: name, files: files, row: row(point), loop)
    }

    private func row(_ point: ToyRecord.Point) -> MetricRow {
        ToyMetrics(method: point.method, lambda: point.lambda, codewords: point.codewords).row(
            phase: "test", step: point.trainingSteps, rate: nil, bits: point.bitsPerDimension,
            meanSquaredError: point.meanSquaredError, alive: point.alive)
    }
}
