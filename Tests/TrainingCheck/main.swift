// The program that TrainingTests runs on several ranks: mpirun -n 3 TrainingCheck WHAT [NUMBER ...]
import Foundation
import Messaging
import Training

struct Planned: Error, ExitCoded, CustomStringConvertible {
    let exitCode: Int32
    var description: String { "a planned error" }
}

let words = Array(CommandLine.arguments.dropFirst())
let numbers = words.dropFirst().map { Int($0) ?? -1 }

func number(_ index: Int) -> Int { index < numbers.count ? numbers[index] : 0 }

/// A sum of these over shards depends on the order of addition.
func value(shard: Int, index: Int) -> Double {
    let mixed = UInt64(shard &* 7919 &+ index &+ 1) &* 0x9E37_79B9_7F4A_7C15
    return (Double(mixed >> 11) * 0x1p-53 - 0.5) * Double(1 << (mixed & 15))
}

/// Writes the rows from the last to the first, and says so every few rows.
func map(shard: Int, _ statistics: Statistics, every stride: Int) {
    let layout = statistics.layout
    statistics.claimAllRows()
    for row in (0..<layout.rows).reversed() {
        for index in row * layout.columns..<(row + 1) * layout.columns {
            statistics.bulk[index] = Float(value(shard: shard, index: index))
        }
        if row % stride == 0 { statistics.finish(rowsFrom: row) }
    }
    for index in 0..<layout.sums { statistics.sums[index] += value(shard: shard, index: index) }
}

/// FNV-1a over the sum, as 32-bit words.
func fingerprint(_ total: Statistics) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt32) { hash = (hash ^ UInt64(word)) &* 0x100_0000_01b3 }
    for index in 0..<total.layout.bulk { mix(total.bulk[index].bitPattern) }
    for sum in total.sums {
        mix(UInt32(truncatingIfNeeded: sum.bitPattern))
        mix(UInt32(truncatingIfNeeded: sum.bitPattern >> 32))
    }
    return hash
}

let world = try MPIEnvironment.startIfLaunched()

let code: Int32 = Job.run(world, context: "checking \(words.first ?? "nothing")") {
    switch words.first {
    case "sums":  // sums THREADS: fingerprints of sums whose rows are finished early, on each rank
        let reduction = try OrderedReduction(communicator: world, team: Team(threads: number(0)), shards: 7)
        var lines: [UInt64] = []
        func step(_ layout: StatisticsLayout, every stride: Int) throws {
            let total = try reduction.sum(layout) { shard, _, statistics in map(shard: shard, statistics, every: stride)
            }
            lines.append(fingerprint(total))
        }
        // Two parts by default, in segments; one part; then many small parts, in segments or gathered whole.
        try step(StatisticsLayout(rows: 600, columns: 1024, sums: 5, finishesRows: true), every: 1)
        try step(StatisticsLayout(rows: 600, columns: 4, sums: 5, finishesRows: true), every: 7)
        reduction.leastChunk = 1024
        for gatherLimit in [0, 1 << 17] {
            reduction.exchange.gatherLimit = gatherLimit
            for stride in [1, 50, 1000] {
                try step(StatisticsLayout(rows: 301, columns: 37, sums: 9, finishesRows: true), every: stride)
            }
            try step(StatisticsLayout(rows: 301, columns: 37, sums: 9), every: 1)
        }
        for line in lines {
            let all = try world.allGather(value: Int64(bitPattern: line))
            if world.rank == 0, Set(all).count > 1 { print("the ranks have different bytes") }
        }
        if world.rank == 0 { print(lines.map { String($0, radix: 16) }.joined(separator: "\n")) }
    case "fail":  // fail RANK CODE: one rank's last shard fails when parts are under way
        let reduction = try OrderedReduction(communicator: world, team: Team(threads: 1), shards: 2 * world.size)
        reduction.leastChunk = 1 << 16
        reduction.exchange.gatherLimit = 0
        for step in 0..<3 {
            let layout = StatisticsLayout(rows: 4000, columns: 64, sums: 1, finishesRows: true)
            _ = try reduction.sum(layout) { shard, _, statistics in
                statistics.claimAllRows()
                statistics.bulk.update(repeating: 1, count: layout.bulk)
                statistics.finish(rowsFrom: 2000)
                if step == 2, world.rank == number(0), shard & 1 == 1 { throw Planned(exitCode: Int32(number(1))) }
            }
        }
    default: throw Planned(exitCode: 2)
    }
    return 0
}
exit(code)
