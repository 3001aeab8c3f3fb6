import Foundation

/// What `lloyd-bench scaling` found on one number of ranks.
struct ScalingMeasurement: Codable {
    /// Seconds of one step, over all ranks.
    struct Step: Codable {
        /// Of the slowest rank, all beginning together.
        var seconds: Double
        /// Mapping shards: the mean over ranks, and the slowest rank's.
        var computing: Double
        var slowestComputing: Double
        /// Means over ranks; see `OrderedReduction.Times`.
        var waiting: Double
        var exchanging: Double
        var updating: Double
    }

    struct Workload: Codable {
        var name: String
        /// Of the vector that the ranks add.
        var bytes: Int
        var steps: [Step]
        /// The exchange of that vector with nothing to hide behind; empty on one rank.
        var alone: Timings
        /// Share of a rank's computing behind which the exchange may hide.
        var hideable: Double

        func median(_ part: (Step) -> Double) -> Double { Timings(seconds: steps.map(part)).median }
        /// Relative standard deviation of a step's computing on one rank, as the slowest and the mean tell of it.
        var deviation: Double {
            let times = steps.map(\.computing)
            let mean = times.reduce(0, +) / Double(times.count)
            let square = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, times.count - 1))
            return square.squareRoot() / mean
        }
        /// Waiting and exchanging that a step shows, less what the slowest rank's computing explains.
        var exposed: Double {
            max(0, median { $0.waiting + $0.exchanging - ($0.slowestComputing - $0.computing) })
        }
        /// What of the exchange went on behind the computing.
        var hidden: Double { alone.seconds.isEmpty ? 0 : max(0, alone.median - exposed) }
        var imbalance: Double { median { $0.slowestComputing / $0.computing - 1 } }
    }

    var processor: String
    var ranks: Int
    var machines: Int
    var workloads: [Workload]

    func show() {
        print("\(processor); \(ranks) rank\(ranks == 1 ? "" : "s") on \(machines) machine\(machines == 1 ? "" : "s")")
        for workload in workloads {
            print(
                "  \(workload.name): step \(milliseconds(workload.median(\.seconds))), computing "
                    + "\(milliseconds(workload.median(\.computing))) (imbalance "
                    + String(format: "%.1f %%", 100 * workload.imbalance) + "), exchange exposed "
                    + "\(milliseconds(workload.exposed)), hidden \(milliseconds(workload.hidden)), update "
                    + "\(milliseconds(workload.median(\.updating)))")
        }
    }
}
