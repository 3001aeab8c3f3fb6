import Datasets
import Neural
import Numerics
import Training

/// Measures a `LatentVQModel` on samples: squared error, and how often each codeword is chosen.
///
///     let measurement = LatentVQMeasurement(replicas: replicas, samples: test, count: 1_000_000, shards: 64, codewords: 256)
///     try loop.run(measurement)
///     measurement.counts                                      // one a codeword
final class LatentVQMeasurement: TrainingMethod {
    private(set) var meanSquaredError = Double.nan
    private(set) var counts: [Double] = []
    private(set) var isFinished = false
    let phase = "measure"
    private let replicas: [LatentVQReplica]
    private let samples: ToySamples
    private let count: Int
    private let shards: Int
    private let codewords: Int

    init(replicas: [LatentVQReplica], samples: ToySamples, count: Int, shards: Int, codewords: Int) {
        self.replicas = replicas
        self.samples = samples
        self.count = count
        self.shards = shards
        self.codewords = codewords
    }

    var progress: Double { isFinished ? 1 : 0 }
    var layout: StatisticsLayout { StatisticsLayout(sums: codewords + 1) }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let replica = replicas[worker]
        let end = count * (shard + 1) / shards
        var first = count * shard / shards
        while first < end {
            // The last group is filled up with further samples that are not counted.
            let rows = min(replica.rows, end - first)
            samples.fill(items: first..<first + replica.rows, into: replica.input.data)
            replica.tape.forward()
            for row in 0..<rows { statistics.sums[Int(replica.quantizer.indices[row])] += 1 }
            for place in 0..<rows * replica.input.columns {
                let difference = Double(replica.reconstruction.data[place] - replica.input.data[place])
                statistics.sums[codewords] += difference * difference
            }
            first += rows
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        counts = Array(total.sums[0..<codewords])
        meanSquaredError = total.sums[codewords] / Double(count * samples.dimension)
        guard meanSquaredError.isFinite else {
            throw TrainingError.notFinite(what: "the measured distortion", phase: phase)
        }
        isFinished = true
        return nil
    }
}
