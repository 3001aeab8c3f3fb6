import MethodKit
import Numerics
import Training

/// Encodes all sets with a layer's codebook and subtracts the codewords: a step, at whose end the layer is finished.
final class LayerEncoding: TrainingMethod {
    /// What the step found; nil before it.
    private(set) var outcome: Outcome?

    struct Outcome {
        /// Of every set, the training set first: its summed squared error and PSNR, and how many vectors took each codeword.
        var sets: [(squaredError: Double, psnr: Double, usage: [Double])]
        /// Variances of the active dimensions of the training residuals.
        var variances: [Double]
    }

    private let layer: Layer
    private let residuals: ActiveEntries
    private let sets: [EncodedSet]
    private let span: (isGiven: Bool, finish: (Outcome) -> (MetricRow, Artifact))
    private var artifact: Artifact?
    private let squares: SumsField
    private let errors: SumsTable
    private let usage: SumsTable
    let layout: StatisticsLayout

    /// - Parameters:
    ///   - sets: all of them, the training set first.
    ///   - isGiven: whether the layer was trained by an earlier process.
    ///   - finish: what is recorded of the layer, and its file. Called once, on every rank.
    init(
        _ layer: Layer, residuals: ActiveEntries, sets: [EncodedSet], isGiven: Bool,
        finish: @escaping (Outcome) -> (MetricRow, Artifact)
    ) {
        self.layer = layer
        self.residuals = residuals
        self.sets = sets
        span = (isGiven, finish)
        var layout = StatisticsLayout()
        squares = layout.addSums(layer.codebook.active.count)
        errors = layout.addTable(rows: sets.count, columns: EncodedSet.Errors.count)
        usage = layout.addTable(rows: sets.count, columns: layer.codebook.codewords)
        self.layout = layout
    }

    var phase: String { "encode" }
    var isFinished: Bool { outcome != nil }
    var progress: Double { isFinished ? 1 : 0 }
    /// Encoding again with a layer that was given is little of what finding it took.
    var restored: Double { span.isGiven ? progress : 0 }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let compact = try residuals.vectors(ofShard: shard)
        for (number, set) in sets.enumerated() {
            set.encode(
                shard: shard, layer: layer, worker: worker, compact: number == 0 ? compact.pointer : nil,
                usage: statistics[usage[number]], into: statistics[errors[number]])
        }
        // Asked for once more: other sets may have pushed it out.
        addSquares(of: try residuals.vectors(ofShard: shard), to: statistics[squares])
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let outcome = Outcome(
            sets: sets.indices.map { number in
                let errors = total[errors[number]]
                return (errors[EncodedSet.Errors.squared], errors[EncodedSet.Errors.psnr], Array(total[usage[number]]))
            }, variances: total[squares].map { $0 / Double(residuals.count) })
        self.outcome = outcome
        let (row, file) = span.finish(outcome)
        artifact = file
        return row
    }

    func takeArtifacts() -> [Artifact] {
        defer { artifact = nil }
        return artifact.map { [$0] } ?? []
    }
}
