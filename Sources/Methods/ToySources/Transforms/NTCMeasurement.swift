import Datasets
import Neural
import Numerics
import Training

/// Measures an `NTCModel` with real rounding on samples, for several offsets of the cells' centers at once.
///
///     let measurement = NTCMeasurement(
///         phase: "measure", replicas: replicas, samples: test, count: 1_000_000, shards: 64, offsets: [[0, 0]])
///     _ = try loop.run(measurement)
///     measurement.results[0].bitsPerDimension
///
/// Rate is -log2 of the density's probability of the cell, distortion the squared error of the synthesis.
final class NTCMeasurement: TrainingMethod {
    struct Result: Equatable {
        /// In cells, one for each latent.
        var offsets: [Float]
        var bitsPerDimension: Double
        var meanSquaredError: Double
    }

    /// One for each candidate, in their order.
    private(set) var results: [Result] = []
    /// Test samples in each cell, of 2-D models and for the first candidate: `cellsPerSide` squared, center in the middle.
    private(set) var counts: [Double] = []
    /// Cells counted along each latent; those beyond are counted at the rim.
    static let cellsPerSide = 512

    let phase: String
    private let replicas: [NTCReplica]
    private let samples: ToySamples
    private let count: Int
    private let shards: Int
    private let candidates: [[Float]]
    private let fields: Fields
    private(set) var isFinished = false

    /// What is summed up.
    private struct Fields {
        var layout = StatisticsLayout()
        /// Of every candidate, two sums.
        let figures: SumsTable
        /// Samples in each cell: a row for each index of the first latent. Nil if they are not counted.
        let cells: RowsField?

        /// The sums of a candidate.
        static let bits = 0
        static let squaredError = 1

        init(candidates: Int, countsCells: Bool) {
            figures = layout.addTable(rows: candidates, columns: 2)
            cells = countsCells ? layout.addRows(cellsPerSide, columns: cellsPerSide) : nil
        }
    }

    /// - Parameters:
    ///   - phase: what progress and metrics call it.
    ///   - replicas: one for each thread.
    ///   - count: samples to measure on.
    ///   - shards: in how many parts they are cut; part of the result.
    ///   - offsets: the candidates, each with an offset for every latent, in cells.
    ///   - countsCells: whether `counts` are wanted; only models of two dimensions have them.
    init(
        phase: String, replicas: [NTCReplica], samples: ToySamples, count: Int, shards: Int, offsets: [[Float]],
        countsCells: Bool = false
    ) {
        self.phase = phase
        self.replicas = replicas
        self.samples = samples
        self.count = count
        self.shards = shards
        candidates = offsets
        fields = Fields(candidates: offsets.count, countsCells: countsCells && samples.dimension == 2)
    }

    var progress: Double { isFinished ? 1 : 0 }
    var layout: StatisticsLayout { fields.layout }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let replica = replicas[worker]
        replica.quantization.mode = .rounding
        defer { replica.quantization.mode = .noise }
        let end = count * (shard + 1) / shards
        var first = count * shard / shards
        while first < end {
            // The last group is filled up with further samples that are not counted.
            let rows = min(replica.rows, end - first)
            samples.fill(items: first..<first + replica.rows, into: replica.input.data)
            for (candidate, offsets) in candidates.enumerated() {
                replica.quantization.offsets = offsets.map { $0 * replica.quantization.step }
                if candidate == 0 { replica.tape.forward() } else { replica.forwardFromQuantization() }
                let sums = statistics[fields.figures[candidate]]
                sums[Fields.bits] += replica.rate.bits(rows: rows)
                sums[Fields.squaredError] += replica.reconstructionError(rows: rows)
                if candidate == 0, let cells = fields.cells { countCells(replica, rows, statistics, cells) }
            }
            first += rows
        }
    }

    private func countCells(_ replica: NTCReplica, _ rows: Int, _ statistics: Statistics, _ cells: RowsField) {
        for row in 0..<rows {
            let cell = replica.cell(row: row)
            statistics.touch(cells, Self.countedIndex(cell[0]))[Self.countedIndex(cell[1])] += 1
        }
    }

    /// The index among the cells that are counted.
    /// - Parameter cell: the integer that stands for a quantized latent.
    private static func countedIndex(_ cell: Int) -> Int { min(max(cell + cellsPerSide / 2, 0), cellsPerSide - 1) }

    /// Where `counts` has a cell.
    /// - Parameter cell: the two integers that stand for the quantized latents.
    static func countIndex(_ cell: [Int]) -> Int { countedIndex(cell[0]) * cellsPerSide + countedIndex(cell[1]) }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let numbers = Double(count * samples.dimension)
        results = candidates.enumerated().map { candidate, offsets in
            let sums = total[fields.figures[candidate]]
            return Result(
                offsets: offsets, bitsPerDimension: sums[Fields.bits] / numbers,
                meanSquaredError: sums[Fields.squaredError] / numbers)
        }
        if let cells = fields.cells {
            total.touchAllRows()
            let row = total.row(cells)
            counts = (0..<Self.cellsPerSide * Self.cellsPerSide).map { Double(row[$0]) }
        }
        guard results.allSatisfy({ $0.bitsPerDimension.isFinite && $0.meanSquaredError.isFinite }) else {
            throw LloydError.notFinite(what: "the measured rate or distortion", phase: phase)
        }
        isFinished = true
        return nil
    }
}
