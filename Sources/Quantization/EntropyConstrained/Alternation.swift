import Foundation
import Numerics
import Training

/// The alternation of entropy-constrained VQ from one start: vectors take codewords, codewords and code lengths follow.
///
/// Each pass, a vector x takes the codeword that minimises ||x - c||^2 + bits / lambda; then codewords become the means of
/// their vectors and code lengths -log2 of their shares. Codewords that no vector took are removed: their cells are empty,
/// or so rare that a pass did not meet them; what such vectors cost is mended by `takeOutliers`.
final class Alternation {
    let dimension: Int
    /// nil: plain VQ.
    let lambda: Double?
    private(set) var live: Int
    private(set) var codeLengths: [Double]
    private(set) var probabilities: [Double] = []
    private(set) var codewords: [Float]
    private(set) var passes = 0
    /// Codewords removed, and codewords placed where vectors were far from all others.
    private(set) var removed = 0
    private(set) var placed = 0
    /// What ties codewords together; nil when each is on its own.
    private var orbits: CodewordOrbits?
    private let unconstrainedPasses: Int
    private let search: PenalizedSearch
    private let memory: [WorkerMemory]
    private let shards: Int
    /// The most codewords there may be.
    private let limit: Int
    private var penalties: [Float] = []
    /// How far codewords and code lengths go towards what a pass finds, and slightly beyond: 1.8 as in over-relaxation of
    /// linear equations, where the slow modes (a grid of cells that turns or drifts) need half the passes. On Boomerang at
    /// lambda 64 ten passes then find what thirty did. 1 never raises the objective.
    private let relaxation: Double
    /// The first passes, which change most, go no farther than the means.
    static let firstOverRelaxed = 3

    /// Vectors drawn at a time.
    static let piece = 1024
    /// Vectors far from all codewords that a shard hands over in a pass.
    static let outliersPerShard = 16

    struct WorkerMemory {
        let vectors: AlignedBuffer<Float>
        let indices: AlignedBuffer<Int32>
        let distances: AlignedBuffer<Float>

        init(dimension: Int) {
            vectors = AlignedBuffer(count: Alternation.piece * dimension)
            indices = AlignedBuffer(count: Alternation.piece)
            distances = AlignedBuffer(count: Alternation.piece)
        }
    }

    init(
        start: CodebookStart, dimension: Int, lambda: Double?, search: PenalizedSearch, memory: [WorkerMemory],
        shards: Int, limit: Int, relaxation: Double = 1.8
    ) {
        self.relaxation = relaxation
        self.dimension = dimension
        self.lambda = lambda
        self.search = search
        self.memory = memory
        self.shards = shards
        self.limit = limit
        codewords = start.codewords
        codeLengths = start.codeLengths
        unconstrainedPasses = start.unconstrainedPasses
        orbits = start.orbits
        live = codewords.count / dimension
        prepare()
    }

    /// Whether codewords share what is learned.
    var isTied: Bool { orbits != nil }

    /// Whether rate counts in the next pass.
    private var isConstrained: Bool { lambda != nil && passes >= unconstrainedPasses }

    func prepare() {
        penalties.removeAll(keepingCapacity: true)
        for index in 0..<live {
            penalties.append(isConstrained ? Float(codeLengths[index] / lambda!) : 0)
        }
        search.prepare(codewords, penalties: penalties, count: live)
    }

    // MARK: a pass

    /// Rows: what moves codewords, then the vectors handed over. Sums: counts, distortion, vectors handed over per shard.
    func layout(outliers: Bool) -> StatisticsLayout {
        let groups = orbits?.count ?? live
        let (rows, flags) = outliers ? (shards * Self.outliersPerShard, shards) : (0, 0)
        return StatisticsLayout(
            rows: groups + rows, columns: orbits?.columns ?? dimension, sums: groups + 1 + flags)
    }

    /// Adds the contribution of these vectors.
    ///
    /// - Parameter outlierDistance: vectors at a larger squared distance are handed over; nil for none.
    func map(
        _ draws: any VectorDraws, items: Range<Int>, shard: Int, worker: Int, outlierDistance: Float?,
        into statistics: Statistics
    ) {
        let memory = self.memory[worker]
        let (vectors, indices, distances) = (memory.vectors.pointer, memory.indices.pointer, memory.distances.pointer)
        let groups = orbits?.count ?? live
        let sums = statistics.sums.baseAddress!
        // Where most codewords get a vector, no row is asked whether it was touched.
        let isDense = orbits == nil && items.count >= live
        if isDense { for codeword in 0..<live { statistics.touchRow(codeword) } }
        var distortion = 0.0
        var outliers = 0
        draws.inPieces(items, buffer: vectors, capacity: Self.piece) { count in
            search.assign(vectors, count: count, indices: indices, squaredDistances: distances, worker: worker)
            if let orbits {
                addToOrbits(orbits, memory, count, statistics)
            } else if isDense {
                addDifferencesToAllRows(memory, count, statistics)
            } else {
                addDifferences(memory, count, statistics)
            }
            for item in 0..<count { distortion += Double(distances[item]) }
            guard let outlierDistance else { return }
            for item in 0..<count where distances[item] > outlierDistance && outliers < Self.outliersPerShard {
                statistics.touchRow(groups + shard * Self.outliersPerShard + outliers)
                    .update(from: vectors + item * dimension, count: dimension)
                outliers += 1
            }
        }
        sums[groups] += distortion
        if outlierDistance != nil { sums[groups + 1 + shard] += Double(outliers) }
    }

    /// Sums of x - c: small numbers, which `Float` adds without loss however many vectors there are.
    private func addDifferences(_ memory: WorkerMemory, _ count: Int, _ statistics: Statistics) {
        let sums = statistics.sums.baseAddress!
        let dimension = self.dimension
        let (vectors, indices) = (memory.vectors.pointer, memory.indices.pointer)
        codewords.withUnsafeBufferPointer { codewords in
            for item in 0..<count {
                let codeword = Int(indices[item])
                sums[codeword] += 1
                let row = statistics.touchRow(codeword)
                let vector = vectors + item * dimension
                let centre = codewords.baseAddress! + codeword * dimension
                for index in 0..<dimension { row[index] += vector[index] - centre[index] }
            }
        }
    }

    /// The same, for rows that are all clear already.
    private func addDifferencesToAllRows(_ memory: WorkerMemory, _ count: Int, _ statistics: Statistics) {
        let (sums, rows) = (statistics.sums.baseAddress!, statistics.bulk)
        let dimension = self.dimension
        let (vectors, indices) = (memory.vectors.pointer, memory.indices.pointer)
        codewords.withUnsafeBufferPointer { codewords in
            let codewords = codewords.baseAddress!
            for item in 0..<count {
                let codeword = Int(indices[item])
                sums[codeword] += 1
                let row = rows + codeword * dimension
                let vector = vectors + item * dimension
                let centre = codewords + codeword * dimension
                for index in 0..<dimension { row[index] += vector[index] - centre[index] }
            }
        }
    }

    private func addToOrbits(_ orbits: CodewordOrbits, _ memory: WorkerMemory, _ count: Int, _ statistics: Statistics) {
        for item in 0..<count {
            let codeword = Int(memory.indices.pointer[item])
            let orbit = Int(orbits.orbit[codeword])
            statistics.sums[orbit] += 1
            orbits.add(
                memory.vectors.pointer + item * dimension, codeword: codeword, to: statistics.touchRow(orbit))
        }
    }

    // MARK: update

    /// What a pass found, in bits and squared error per vector.
    struct Outcome {
        var bits: Double
        var distortion: Double
    }

    /// Moves codewords and code lengths to what the pass's vectors say.
    ///
    /// - Parameter keepingAll: codewords without vectors stay, with half a vector's share, instead of being removed.
    /// - Returns: rate and distortion of the pass, under the code lengths that it used.
    func update(_ total: Statistics, keepingAll: Bool = false) -> Outcome {
        let groups = orbits?.count ?? live
        var (vectors, bits) = (0.0, 0.0)
        for group in 0..<groups { vectors += total.sums[group] }
        if let orbits {
            for codeword in 0..<live {
                let orbit = Int(orbits.orbit[codeword])
                bits += total.sums[orbit] / Double(orbits.sizes[orbit]) * codeLengths[codeword]
            }
        } else {
            for codeword in 0..<live { bits += total.sums[codeword] * codeLengths[codeword] }
        }
        let outcome = Outcome(bits: bits / vectors, distortion: total.sums[groups] / vectors)
        let before = live
        if orbits != nil { updateOrbits(total, vectors) } else { updateCodewords(total, vectors, keepingAll) }
        removed += before - live
        passes += 1
        return outcome
    }

    private func updateCodewords(_ total: Statistics, _ vectors: Double, _ keepingAll: Bool) {
        let factor = keepingAll || passes < Self.firstOverRelaxed ? 1 : relaxation
        var kept = 0
        probabilities.removeAll(keepingCapacity: true)
        for codeword in 0..<live {
            let count = total.sums[codeword]
            guard count > 0 || keepingAll else { continue }
            let row = total.bulk + codeword * total.layout.columns
            let scale = count > 0 ? factor / count : 0
            for index in 0..<dimension {
                codewords[kept * dimension + index] =
                    codewords[codeword * dimension + index] + Float(Double(row[index]) * scale)
            }
            let share = max(count, 0.5) / vectors
            codeLengths[kept] = codeLengths[codeword] + factor * (-log2(share) - codeLengths[codeword])
            probabilities.append(share)
            kept += 1
        }
        live = kept
    }

    private func updateOrbits(_ total: Statistics, _ vectors: Double) {
        let sizes = orbits!.sizes
        orbits!.update(sums: total.bulk, counts: total.sums.baseAddress!)
        live = orbits!.orbit.count
        codewords = orbits!.codewords()
        probabilities.removeAll(keepingCapacity: true)
        for codeword in 0..<live {
            let orbit = Int(orbits!.orbit[codeword])
            let probability = total.sums[orbit] / Double(sizes[orbit]) / vectors
            probabilities.append(probability)
            codeLengths[codeword] = -log2(probability)
        }
    }

    /// The squared distance at which a codeword of its own, at the price of one vector's share, saves more than it costs.
    func outlierDistance(vectors: Int) -> Float? {
        guard let lambda, orbits == nil else { return nil }
        return Float((log2(Double(vectors)) + 2) / lambda)
    }

    /// Places codewords at the vectors that the pass handed over, but at most one within the distance of another.
    ///
    /// Called after `update`; `total` still holds the vectors.
    func takeOutliers(_ total: Statistics, groups: Int, vectors: Int, distance: Float) {
        let first = live
        for shard in 0..<shards {
            for place in 0..<Int(total.sums[groups + 1 + shard]) {
                guard live < limit else { return }
                let row = total.bulk + (groups + shard * Self.outliersPerShard + place) * total.layout.columns
                let isNear = (first..<live).contains { codeword in
                    codewords.withUnsafeBufferPointer {
                        squaredDistance(row, $0.baseAddress! + codeword * dimension, dimension: dimension) < distance
                    }
                }
                if isNear { continue }
                placeCodeword(at: row, probability: 1 / Double(vectors))
            }
        }
    }

    private func placeCodeword(at vector: UnsafePointer<Float>, probability: Double) {
        for index in 0..<dimension {
            if live * dimension + index < codewords.count {
                codewords[live * dimension + index] = vector[index]
            } else {
                codewords.append(vector[index])
            }
        }
        if live < codeLengths.count {
            codeLengths[live] = -log2(probability)
        } else {
            codeLengths.append(-log2(probability))
        }
        probabilities.append(probability)
        live += 1
        placed += 1
    }

    /// The codebook as it is now.
    func codebook() -> EntropyConstrainedCodebook {
        let matrix = Matrix(rows: live, columns: dimension)
        matrix.pointer.update(from: codewords, count: live * dimension)
        let sum = probabilities.reduce(0, +)
        return EntropyConstrainedCodebook(
            codewords: matrix, probabilities: probabilities.map { $0 / sum }, lambda: lambda)
    }

    /// What this alternation is now, as the start of another.
    func asStart() -> CodebookStart {
        CodebookStart(
            codewords: Array(codewords.prefix(live * dimension)), codeLengths: Array(codeLengths.prefix(live)),
            orbits: orbits)
    }
}
