import Numerics
import Stepping

/// k-means++: each next codeword is a training vector drawn in proportion to its squared distance from the nearest
/// codeword so far.
///
/// A codeword takes two passes: one brings every vector's distance up to date and sums the distances per shard, from which
/// all ranks draw the same shard; in the other the shard that holds the drawn vector hands it over.
///
/// Source: Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
final class PlusPlusSeeding: TrainingMethod {
    private enum Stage {
        /// A vector becomes the next codeword.
        case fetch(Wanted)
        /// Distances from the newest codeword.
        case measure
    }

    /// The vector to fetch: by its number, or by its shard and how much distance comes before it there.
    private enum Wanted {
        case vector(Int)
        case distance(shard: Int, before: Double)
    }

    private let vectors: any ShardedVectors
    private let codebook: Matrix
    private let random: CounterRandom
    private let shardCount: Int
    private let firstShard: Int
    /// The squared distance of every vector of the owned shards from its nearest codeword so far.
    private let nearest: [AlignedBuffer<Float>]
    private var stage: Stage
    /// Codewords found so far.
    private var found = 0
    private let fetched: RowsField
    private var fetchLayout: StatisticsLayout
    private let distances: SumsField
    private var measureLayout: StatisticsLayout

    init(vectors: any ShardedVectors, shards: Range<Int>, codebook: Matrix, seed: UInt64, step: Int) {
        self.vectors = vectors
        self.codebook = codebook
        random = CounterRandom(seed: seed, purpose: .plusPlus, step: step)
        firstShard = shards.lowerBound
        nearest = shards.map { shard in
            let distances = AlignedBuffer<Float>(count: vectors.vectorCount(ofShard: shard))
            distances.elements.update(repeating: .infinity)
            return distances
        }
        var count = 0
        while vectors.firstIndex(ofShard: count) < vectors.count { count += 1 }
        shardCount = count
        stage = .fetch(.vector(random.integer(below: vectors.count, item: 0)))
        (fetchLayout, measureLayout) = (StatisticsLayout(), StatisticsLayout())
        fetched = fetchLayout.addRows(1, columns: codebook.columns)
        distances = measureLayout.addSums(count)
    }

    var isFinished: Bool { found == codebook.rows }
    var phase: String { "k-means++" }
    var progress: Double { 0 }

    var layout: StatisticsLayout {
        switch stage {
        case .fetch: fetchLayout
        case .measure: measureLayout
        }
    }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let rows = try vectors.vectors(ofShard: shard)
        switch stage {
        case .fetch(let wanted):
            guard let row = row(of: wanted, in: shard, rows) else { return }
            statistics.handOver(fetched, 0, rows.pointer + row * rows.columns, count: rows.columns)
        case .measure:
            let codeword = codebook.pointer + (found - 1) * codebook.columns
            let nearest = nearest[shard - firstShard].pointer
            var sum = 0.0
            for item in 0..<rows.rows {
                let distance = squaredDistance(
                    rows.pointer + item * rows.columns, codeword, dimension: rows.columns)
                nearest[item] = min(nearest[item], distance)
                sum += Double(nearest[item])
            }
            if shard < shardCount { statistics[distances][shard] = sum }
        }
    }

    /// The row of the wanted vector in this shard, if it lies there.
    private func row(of wanted: Wanted, in shard: Int, _ rows: Matrix) -> Int? {
        switch wanted {
        case .vector(let number):
            let row = number - vectors.firstIndex(ofShard: shard)
            return row >= 0 && row < rows.rows ? row : nil
        case .distance(let wantedShard, let before):
            guard wantedShard == shard else { return nil }
            let nearest = nearest[shard - firstShard].pointer
            var sum = 0.0
            var last: Int?
            for item in 0..<rows.rows where nearest[item] > 0 {
                sum += Double(nearest[item])
                last = item
                if sum > before { break }
            }
            return last
        }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        switch stage {
        case .fetch:
            (codebook.pointer + found * codebook.columns).update(from: total.row(fetched), count: codebook.columns)
            found += 1
            stage = .measure
        case .measure: stage = .fetch(draw(from: total[distances]))
        }
        return nil
    }

    private func draw(from sums: UnsafeMutableBufferPointer<Double>) -> Wanted {
        let whole = sums.reduce(0, +)
        guard whole > 0, let last = sums.lastIndex(where: { $0 > 0 }) else {
            // Every vector equals some codeword already: any of them will do.
            return .vector(random.integer(below: vectors.count, item: found))
        }
        var left = random.uniform(item: found) * whole
        for (shard, sum) in sums.enumerated() where sum > 0 {
            if left < sum { return .distance(shard: shard, before: left) }
            left -= sum
        }
        return .distance(shard: last, before: left)
    }
}
