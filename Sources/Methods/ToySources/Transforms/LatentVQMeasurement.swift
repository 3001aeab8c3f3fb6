import Datasets
import Neural
import Numerics
import Training

/// Measures a `LatentVQModel` on samples: squared error, and how often each codeword is chosen.
///
///     let measurement = LatentVQMeasurement(
///         replicas: replicas, samples: test, count: 1_000_000, shards: 64, codewords: 256)
///     _ = try loop.run(measurement)
///     measurement.counts                                      // one a codeword
final class LatentVQMeasurement: TrainingMethod {
    /// Per dimension; NaN before the step.
    private(set) var meanSquaredError = Double.nan
    /// How many samples chose each codeword; empty before the step.
    private(set) var counts: [Double] = []
    private(set) var isFinished = false
    let phase = "measure"
    private let replicas: [LatentVQReplica]
    private let samples: ToySamples
    private let count: Int
    private let shards: Int
    private let usage: SumsField
    private let squaredError: SumField
    let layout: StatisticsLayout

    /// - Parameters:
    ///   - replicas: one for each thread.
    ///   - count: samples to measure on.
    ///   - shards: in how many parts they are cut; part of the result.
    ///   - codewords: of the model.
    init(replicas: [LatentVQReplica], samples: ToySamples, count: Int, shards: Int, codewords: Int) {
        self.replicas = replicas
        self.samples = samples
        self.count = count
        self.shards = shards
        var layout = StatisticsLayout()
        usage = layout.addSums(codewords)
        squaredError = layout.addSum()
        self.layout = layout
    }

    var progress: Double { isFinished ? 1 : 0 }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let replica = replicas[worker]
        let chosen = statistics[usage]
        let end = count * (shard + 1) / shards
        var first = count * shard / shards
        while first < end {
            // The last group is filled up with further samples that are not counted.
            let rows = min(replica.rows, end - first)
            samples.fill(items: first..<first + replica.rows, into: replica.input.data)
            replica.tape.forward()
            for row in 0..<rows { chosen[Int(replica.quantizer.indices[row])] += 1 }
            for index in 0..<rows * replica.input.columns {
                let difference = Double(replica.reconstruction.data[index] - replica.input.data[index])
                statistics[squaredError] += difference * difference
            }
            first += rows
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        counts = Array(total[usage])
        meanSquaredError = total[squaredError] / Double(count * samples.dimension)
        guard meanSquaredError.isFinite else {
            throw LloydError.notFinite(what: "the measured distortion", phase: phase)
        }
        isFinished = true
        return nil
    }
}
