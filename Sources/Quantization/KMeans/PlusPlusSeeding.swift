import Numerics
import Training

/// k-means++: each next codeword is a training vector drawn in proportion to its squared distance from the nearest
/// codeword so far.
///
/// A codeword takes two passes: one brings every vector's distance up to date and sums the distances per shard, from which
/// all ranks draw the same shard; in the other the shard that holds the drawn vector hands it over.
///
/// Source: Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
final class PlusPlusSeeding: TrainingMethod {
    private enum Stage { case fetch, measure }

    private let vectors: any ShardedVectors
    private let codebook: Matrix
    private let random: CounterRandom
    private let shardCount: Int
    private var nearest: [Int: AlignedBuffer<Float>] = [:]
    private var stage = Stage.fetch
    private var placed = 0
    /// The vector to fetch: its shard and either its place there or how much distance comes before it.
    private var wantedShard: Int?
    private var wantedPlace: Int?
    private var remainder = 0.0

    init(vectors: any ShardedVectors, shards: Range<Int>, codebook: Matrix, seed: UInt64, step: Int) {
        self.vectors = vectors
        self.codebook = codebook
        random = CounterRandom(seed: seed, purpose: .plusPlus, step: step)
        for shard in shards {
            let rows = vectors.vectorCount(ofShard: shard)
            nearest[shard] = AlignedBuffer(count: rows)
            nearest[shard]!.elements.update(repeating: .infinity)
        }
        var count = 0
        while vectors.firstIndex(ofShard: count) < vectors.count { count += 1 }
        shardCount = count
        wantedPlace = random.integer(below: vectors.count, item: 0)
    }

    var isFinished: Bool { placed == codebook.rows }
    var phase: String { "k-means++" }
    var progress: Double { 0 }

    var layout: StatisticsLayout {
        switch stage {
        case .fetch: StatisticsLayout(rows: 1, columns: codebook.columns)
        case .measure: StatisticsLayout(sums: shardCount)
        }
    }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let rows = vectors.vectors(ofShard: shard)
        switch stage {
        case .fetch:
            guard let place = placeInShard(shard, rows) else { return }
            statistics.handOver(row: 0, rows.pointer + place * rows.columns, count: rows.columns)
        case .measure:
            let codeword = codebook.pointer + (placed - 1) * codebook.columns
            let nearest = nearest[shard]!.pointer
            var sum = 0.0
            for item in 0..<rows.rows {
                let distance = squaredDistance(
                    rows.pointer + item * rows.columns, codeword, dimension: rows.columns)
                nearest[item] = min(nearest[item], distance)
                sum += Double(nearest[item])
            }
            if shard < shardCount { statistics.sums[shard] = sum }
        }
    }

    /// Where the wanted vector lies in this shard, if it does.
    private func placeInShard(_ shard: Int, _ rows: Matrix) -> Int? {
        if let wantedShard {
            guard wantedShard == shard else { return nil }
            let nearest = nearest[shard]!.pointer
            var before = 0.0
            var last: Int?
            for item in 0..<rows.rows where nearest[item] > 0 {
                before += Double(nearest[item])
                last = item
                if before > remainder { break }
            }
            return last
        }
        let place = wantedPlace! - vectors.firstIndex(ofShard: shard)
        return place >= 0 && place < rows.rows ? place : nil
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        switch stage {
        case .fetch:
            codebook.pointer.advanced(by: placed * codebook.columns).update(from: total.bulk, count: codebook.columns)
            placed += 1
            stage = .measure
        case .measure:
            draw(from: total.sums)
            stage = .fetch
        }
        return nil
    }

    private func draw(from sums: UnsafeMutableBufferPointer<Double>) {
        let whole = sums.reduce(0, +)
        guard whole > 0 else {
            // Every vector equals some codeword already: any of them will do.
            wantedShard = nil
            wantedPlace = random.integer(below: vectors.count, item: placed)
            return
        }
        var left = random.uniform(item: placed) * whole
        wantedShard = sums.lastIndex { $0 > 0 }
        for (shard, sum) in sums.enumerated() where sum > 0 {
            if left < sum {
                wantedShard = shard
                break
            }
            left -= sum
        }
        remainder = left
    }
}
