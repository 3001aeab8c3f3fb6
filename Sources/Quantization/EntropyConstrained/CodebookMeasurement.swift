import Numerics
import Stepping

/// Rate and distortion of a codebook on vectors that it was not trained on.
///
///     let measurement = CodebookMeasurement(codebook, draws: test, count: 1_000_000, shards: 64, threads: 1)
///     _ = try loop.run(measurement)
///     let bits = measurement.bitsPerDimension                 // under the code lengths from training
///     let error = measurement.meanSquaredError                // per dimension
///
/// The rate is the cross entropy: what an arithmetic coder with the codebook's probabilities would write. Every vector
/// has a codeword with a finite code. For plain VQ (no lambda) it is what the indices cost in the same way.
public final class CodebookMeasurement: TrainingMethod {
    /// The rate; NaN before the step.
    public private(set) var bitsPerDimension = Double.nan
    /// The squared error per dimension of a vector; NaN before the step.
    public private(set) var meanSquaredError = Double.nan
    /// Vectors of each codeword; empty before the step.
    public private(set) var counts: [Double] = []
    public private(set) var isFinished = false

    private let codebook: EntropyConstrainedCodebook
    private let draws: any VectorDraws
    private let count: Int
    private let shards: Int
    private let encoder: PenalizedSearch
    private let memory: [Alternation.WorkerMemory]
    private let chosen: SumsField
    private let squaredError: SumField
    public let layout: StatisticsLayout

    /// - Parameters:
    ///   - draws: of the codebook's dimension.
    ///   - count: vectors to measure on, items 0..<count.
    ///   - shards: in how many parts the pass is cut; part of the result.
    ///   - threads: the size of the team that will call `map`.
    public init(
        _ codebook: EntropyConstrainedCodebook, draws: any VectorDraws, count: Int, shards: Int, threads: Int
    ) {
        precondition(codebook.dimension == draws.dimension && count >= 1 && count <= draws.count ?? .max)
        self.codebook = codebook
        self.draws = draws
        self.count = count
        self.shards = shards
        var layout = StatisticsLayout()
        chosen = layout.addSums(codebook.count)
        squaredError = layout.addSum()
        self.layout = layout
        encoder = codebook.makeEncoder(threads: threads)
        memory = (0..<threads).map { _ in Alternation.WorkerMemory(dimension: draws.dimension) }
    }

    public var phase: String { "measure" }
    public var progress: Double { isFinished ? 1 : 0 }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let memory = self.memory[worker]
        let (indices, distances) = (memory.indices.pointer, memory.distances.pointer)
        let counts = statistics[chosen]
        let items = shard * count / shards..<(shard + 1) * count / shards
        draws.inPieces(items, buffer: memory.vectors.pointer, capacity: Alternation.piece) { here in
            encoder.assign(
                memory.vectors.pointer, count: here, indices: indices, squaredDistances: distances, worker: worker)
            for item in 0..<here {
                counts[Int(indices[item])] += 1
                statistics[squaredError] += Double(distances[item])
            }
        }
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        counts = Array(total[chosen])
        let numbers = Double(count) * Double(codebook.dimension)
        var bits = 0.0
        for codeword in 0..<codebook.count { bits += counts[codeword] * codebook.codeLengths[codeword] }
        bitsPerDimension = bits / numbers
        meanSquaredError = total[squaredError] / numbers
        guard bitsPerDimension.isFinite, meanSquaredError.isFinite else {
            throw LloydError.notFinite(what: "the measured rate or distortion", phase: phase)
        }
        isFinished = true
        return nil
    }
}
