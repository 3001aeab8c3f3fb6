import Foundation
import Numerics
import Stepping

/// The alternation of entropy-constrained VQ from one start: vectors take codewords, codewords and code lengths follow.
///
/// Each pass, a vector x takes the codeword that minimizes ||x - c||^2 + bits / lambda; then codewords become the means of
/// their vectors and code lengths -log2 of their shares. Codewords that no vector took are removed: their cells are empty,
/// or so rare that no vector of the pass fell into them. `takeOutliers` gives rare vectors codewords again.
final class Alternation {
    let dimension: Int
    /// nil: plain VQ.
    let lambda: Double?
    private(set) var live: Int
    private(set) var codeLengths: [Double]
    private(set) var probabilities: [Double] = []
    private(set) var codewords: [Float]
    private(set) var passes = 0
    /// Codewords removed so far.
    private(set) var removed = 0
    /// Codewords placed so far at vectors that were far from all others.
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
    /// linear equations: the slow modes (a grid of cells that turns or drifts) then need half the passes. On Boomerang at
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

    /// Hands the search the codebook of the next pass.
    func prepare() {
        let lambda = isConstrained ? self.lambda : nil
        penalties.removeAll(keepingCapacity: true)
        for index in 0..<live {
            penalties.append(lambda.map { Float(codeLengths[index] / $0) } ?? 0)
        }
        search.prepare(codewords, penalties: penalties, count: live)
    }

    // MARK: a pass

    /// What a pass sums up. A group is a codeword, or an orbit of codewords that share what is learned.
    struct Fields {
        var layout = StatisticsLayout()
        /// What moves each group.
        let moves: RowsField
        /// Vectors of each group.
        let counts: SumsField
        /// The squared error of all vectors.
        let distortion: SumField
        let outliers: Outliers?

        /// Vectors that are handed over.
        struct Outliers {
            /// `outliersPerShard` for each shard.
            let vectors: RowsField
            /// How many of its rows each shard has filled.
            let counts: SumsField
            /// At which squared distance a vector is handed over.
            let distance: Float
        }

        init(groups: Int, columns: Int, shards: Int, outlierDistance: Float?) {
            moves = layout.addRows(groups, columns: columns)
            counts = layout.addSums(groups)
            distortion = layout.addSum()
            guard let outlierDistance else {
                outliers = nil
                return
            }
            outliers = Outliers(
                vectors: layout.addRows(shards * Alternation.outliersPerShard, columns: columns),
                counts: layout.addSums(shards), distance: outlierDistance)
        }
    }

    /// The fields of the next pass.
    /// - Parameter outlierDistance: vectors at a larger squared distance are handed over; nil for none.
    func fields(outlierDistance: Float?) -> Fields {
        Fields(
            groups: orbits?.count ?? live, columns: orbits?.columns ?? dimension, shards: shards,
            outlierDistance: outlierDistance)
    }

    /// Adds the contribution of these vectors.
    func map(
        _ draws: any VectorDraws, items: Range<Int>, shard: Int, worker: Int, _ fields: Fields,
        into statistics: Statistics
    ) {
        let memory = self.memory[worker]
        let (vectors, indices, distances) = (memory.vectors.pointer, memory.indices.pointer, memory.distances.pointer)
        // If most codewords get a vector, all rows are touched beforehand and none is asked.
        let isDense = orbits == nil && items.count >= live
        if isDense { for codeword in 0..<live { statistics.touch(fields.moves, codeword) } }
        var distortion = 0.0
        var outliers = 0
        draws.inPieces(items, buffer: vectors, capacity: Self.piece) { count in
            search.assign(vectors, count: count, indices: indices, squaredDistances: distances, worker: worker)
            if let orbits {
                addToOrbits(orbits, memory, count, fields, statistics)
            } else if isDense {
                addDifferencesToAllRows(memory, count, fields, statistics)
            } else {
                addDifferences(memory, count, fields, statistics)
            }
            for item in 0..<count { distortion += Double(distances[item]) }
            guard let far = fields.outliers else { return }
            for item in 0..<count where distances[item] > far.distance && outliers < Self.outliersPerShard {
                statistics.touch(far.vectors, shard * Self.outliersPerShard + outliers)
                    .update(from: vectors + item * dimension, count: dimension)
                outliers += 1
            }
        }
        statistics[fields.distortion] += distortion
        if let far = fields.outliers { statistics[far.counts][shard] += Double(outliers) }
    }

    /// Sums of x - c: small numbers, which `Float` adds without loss however many vectors there are.
    private func addDifferences(_ memory: WorkerMemory, _ count: Int, _ fields: Fields, _ statistics: Statistics) {
        let sums = statistics[fields.counts]
        let dimension = self.dimension
        let (vectors, indices) = (memory.vectors.pointer, memory.indices.pointer)
        codewords.withUnsafeBufferPointer { codewords in
            for item in 0..<count {
                let codeword = Int(indices[item])
                sums[codeword] += 1
                let row = statistics.touch(fields.moves, codeword)
                let vector = vectors + item * dimension
                let center = codewords.baseAddress! + codeword * dimension
                for index in 0..<dimension { row[index] += vector[index] - center[index] }
            }
        }
    }

    /// The same, for rows that are all clear already.
    private func addDifferencesToAllRows(
        _ memory: WorkerMemory, _ count: Int, _ fields: Fields, _ statistics: Statistics
    ) {
        let (sums, rows) = (statistics[fields.counts], statistics.row(fields.moves))
        let dimension = self.dimension
        let (vectors, indices) = (memory.vectors.pointer, memory.indices.pointer)
        codewords.withUnsafeBufferPointer { codewords in
            let codewords = codewords.baseAddress!
            for item in 0..<count {
                let codeword = Int(indices[item])
                sums[codeword] += 1
                let row = rows + codeword * dimension
                let vector = vectors + item * dimension
                let center = codewords + codeword * dimension
                for index in 0..<dimension { row[index] += vector[index] - center[index] }
            }
        }
    }

    private func addToOrbits(
        _ orbits: CodewordOrbits, _ memory: WorkerMemory, _ count: Int, _ fields: Fields, _ statistics: Statistics
    ) {
        let counts = statistics[fields.counts]
        for item in 0..<count {
            let codeword = Int(memory.indices.pointer[item])
            let orbit = Int(orbits.orbit[codeword])
            counts[orbit] += 1
            orbits.add(
                memory.vectors.pointer + item * dimension, codeword: codeword,
                to: statistics.touch(fields.moves, orbit))
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
    func update(_ total: Statistics, _ fields: Fields, keepingAll: Bool = false) -> Outcome {
        let counts = total[fields.counts]
        var (vectors, bits) = (0.0, 0.0)
        for count in counts { vectors += count }
        if let orbits {
            for codeword in 0..<live {
                let orbit = Int(orbits.orbit[codeword])
                bits += counts[orbit] / Double(orbits.sizes[orbit]) * codeLengths[codeword]
            }
        } else {
            for codeword in 0..<live { bits += counts[codeword] * codeLengths[codeword] }
        }
        let outcome = Outcome(bits: bits / vectors, distortion: total[fields.distortion] / vectors)
        let before = live
        if let orbits {
            updateOrbits(orbits, total, fields, vectors)
        } else {
            updateCodewords(total, fields, vectors, keepingAll)
        }
        removed += before - live
        passes += 1
        return outcome
    }

    private func updateCodewords(_ total: Statistics, _ fields: Fields, _ vectors: Double, _ keepingAll: Bool) {
        let counts = total[fields.counts]
        let factor = keepingAll || passes < Self.firstOverRelaxed ? 1 : relaxation
        var kept = 0
        probabilities.removeAll(keepingCapacity: true)
        for codeword in 0..<live {
            let count = counts[codeword]
            guard count > 0 || keepingAll else { continue }
            let row = total.row(fields.moves, codeword)
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

    private func updateOrbits(
        _ before: CodewordOrbits, _ total: Statistics, _ fields: Fields, _ vectors: Double
    ) {
        let (sizes, counts) = (before.sizes, total[fields.counts])
        var orbits = before
        orbits.update(sums: total.row(fields.moves), counts: counts)
        self.orbits = orbits
        live = orbits.orbit.count
        codewords = orbits.codewords()
        probabilities.removeAll(keepingCapacity: true)
        for codeword in 0..<live {
            let orbit = Int(orbits.orbit[codeword])
            let probability = counts[orbit] / Double(sizes[orbit]) / vectors
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
    func takeOutliers(_ total: Statistics, _ fields: Fields, vectors: Int) {
        guard let far = fields.outliers else { return }
        let (first, counts) = (live, total[far.counts])
        for shard in 0..<shards {
            for index in 0..<Int(counts[shard]) {
                guard live < limit else { return }
                let row = total.row(far.vectors, shard * Self.outliersPerShard + index)
                let isNear = (first..<live).contains { codeword in
                    codewords.withUnsafeBufferPointer {
                        squaredDistance(row, $0.baseAddress! + codeword * dimension, dimension: dimension)
                            < far.distance
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
