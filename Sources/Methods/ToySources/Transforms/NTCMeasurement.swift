import Datasets
import Neural
import Numerics
import Training

/// Measures an `NTCModel` with real rounding on samples, for several places of the cells' centres at once.
///
///     let measurement = NTCMeasurement(replicas: replicas, samples: test, count: 1_000_000, shards: 64, offsets: [[0, 0]])
///     try loop.run(measurement)
///     measurement.results[0].bitsPerDimension
///
/// Rate is -log2 of the density's probability of the cell, distortion the squared error of the synthesis.
final class NTCMeasurement: TrainingMethod {
    struct Result: Equatable {
        var offsets: [Float]
        var bitsPerDimension: Double
        var meanSquaredError: Double
    }

    /// One for each candidate, in their order.
    private(set) var results: [Result] = []
    /// Test samples in each cell, of 2-D models and for the first candidate: `cellsPerSide` squared, centre in the middle.
    private(set) var counts: [Double] = []
    /// Cells counted along each latent; those beyond are counted at the rim.
    static let cellsPerSide = 512

    let phase: String
    private let replicas: [NTCReplica]
    private let samples: ToySamples
    private let count: Int
    private let shards: Int
    private let candidates: [[Float]]
    private let countsCells: Bool
    private(set) var isFinished = false

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
        self.countsCells = countsCells && samples.dimension == 2
    }

    var progress: Double { isFinished ? 1 : 0 }
    var layout: StatisticsLayout {
        let side = countsCells ? Self.cellsPerSide : 0
        return StatisticsLayout(rows: side, columns: side, sums: 2 * candidates.count)
    }

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
            for (place, offsets) in candidates.enumerated() {
                replica.quantization.offsets = offsets.map { $0 * replica.quantization.step }
                if place == 0 { replica.tape.forward() } else { replica.forwardFromQuantization() }
                statistics.sums[2 * place] += replica.rate.bits(rows: rows)
                statistics.sums[2 * place + 1] += replica.reconstructionError(rows: rows)
                if countsCells, place == 0 { countCells(replica, rows, statistics) }
            }
            first += rows
        }
    }

    private func countCells(_ replica: NTCReplica, _ rows: Int, _ statistics: Statistics) {
        for row in 0..<rows {
            let cell = replica.cell(row: row)
            statistics.touchRow(Self.place(cell[0]))[Self.place(cell[1])] += 1
        }
    }

    /// The place of a cell index among those counted.
    static func place(_ index: Int) -> Int { min(max(index + cellsPerSide / 2, 0), cellsPerSide - 1) }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let numbers = Double(count * samples.dimension)
        results = candidates.enumerated().map { place, offsets in
            Result(
                offsets: offsets, bitsPerDimension: total.sums[2 * place] / numbers,
                meanSquaredError: total.sums[2 * place + 1] / numbers)
        }
        if countsCells {
            total.touchAllRows()
            counts = (0..<Self.cellsPerSide * Self.cellsPerSide).map { Double(total.bulk[$0]) }
        }
        guard results.allSatisfy({ $0.bitsPerDimension.isFinite && $0.meanSquaredError.isFinite }) else {
            throw TrainingError.notFinite(what: "the measured rate or distortion", phase: phase)
        }
        isFinished = true
        return nil
    }
}
