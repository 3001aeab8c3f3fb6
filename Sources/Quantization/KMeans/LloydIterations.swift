import Numerics
import Stepping

/// The passes of Lloyd's algorithm over sharded vectors: assignment and update in turn, from given codewords.
///
///     let passes = LloydIterations(
///         vectors: vectors, owned: 0..<16, codebook: codebook, iterations: 20, update: KMeansUpdate(seed: 1), threads: 1)
///     _ = try loop.run(passes)                                // on any number of ranks
///     let learned = passes.codebook                           // K x dimension
///
/// The update decides what is learned: `KMeansUpdate` gives K-means, `VRKMeans` its regularized relative. Statistics are a
/// sum and a count for each codeword, added in the order of the shards. `LloydTraining` finds first codewords too.
///
/// Source: S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Information Theory 28 (1982).
public final class LloydIterations: ResumableMethod {
    /// K x dimension; the passes change it in place.
    public let codebook: Matrix
    /// Squared error per vector under the codewords that the last pass used; infinite before the first.
    public private(set) var distortion = Double.infinity
    /// Vectors of each codeword in the last pass; zeros before the first.
    public private(set) var counts: [Double]
    /// Passes done.
    public private(set) var iteration = 0
    /// The distortion of every pass so far.
    public private(set) var history: [Double] = []

    private let vectors: any ShardedVectors
    private let iterations: Int
    private let tolerance: Double
    private let codewordUpdate: any CodewordUpdate
    private let fields: Fields
    private let search: NearestCodeword
    private let workspaces: [WorkerMemory]
    /// The codeword of every vector of the owned shards; -1 before the first pass.
    private let assignments: [AlignedBuffer<Int32>]
    private let firstShard: Int
    private var converged = false
    /// The codewords that the last pass used: what a checkpoint keeps in place of every vector's codeword.
    private let previous: Matrix
    /// In a resumed training before its first pass: finds what the vectors were assigned to, so that the pass can tell
    /// which assignments change.
    private var previousSearch: NearestCodeword?

    /// What a pass sums up.
    private struct Fields {
        var layout = StatisticsLayout()
        /// The sum of each codeword's vectors.
        let vectors: RowsField
        /// Vectors of each codeword, and their summed squared error.
        let counts: SumsField
        let distortions: SumsField
        /// Vectors whose codeword is another one than in the pass before.
        let changed: SumField

        init(codewords: Int, dimension: Int) {
            vectors = layout.addRows(codewords, columns: dimension)
            counts = layout.addSums(codewords)
            distortions = layout.addSums(codewords)
            changed = layout.addSum()
        }
    }

    /// Buffers of one worker thread, kept over all passes.
    private struct WorkerMemory {
        let search: NearestCodeword.Workspace
        let indices: AlignedBuffer<Int32>
        let distances: AlignedBuffer<Float>
    }

    /// Passes from given codewords.
    /// - Parameters:
    ///   - owned: the shards of this process.
    ///   - codebook: the first codewords, K x dimension, which the passes change.
    ///   - iterations: at most so many passes, at least 1.
    ///   - tolerance: ends the passes when the distortion falls by less than this fraction; 0 when no assignment changes.
    ///   - update: the M-step.
    ///   - threads: the size of the team that will call `map`.
    public init(
        vectors: any ShardedVectors, owned: Range<Int>, codebook: Matrix, iterations: Int, tolerance: Double = 0,
        update: any CodewordUpdate, threads: Int
    ) {
        precondition(codebook.rows >= 1 && codebook.columns == vectors.dimension && iterations >= 1)
        self.vectors = vectors
        self.codebook = codebook
        self.iterations = iterations
        self.tolerance = tolerance
        codewordUpdate = update
        fields = Fields(codewords: codebook.rows, dimension: codebook.columns)
        previous = Matrix(rows: codebook.rows, columns: codebook.columns)
        counts = Array(repeating: 0, count: codebook.rows)
        let search = NearestCodeword(codewords: codebook.rows, dimension: codebook.columns)
        self.search = search
        firstShard = owned.lowerBound
        assignments = owned.map { shard in
            let own = AlignedBuffer<Int32>(count: vectors.vectorCount(ofShard: shard))
            own.elements.update(repeating: -1)
            return own
        }
        let longest = max(1, assignments.map(\.count).max() ?? 0)
        workspaces = (0..<threads).map { _ in
            WorkerMemory(
                search: search.makeWorkspace(), indices: AlignedBuffer(count: longest),
                distances: AlignedBuffer(count: longest))
        }
        search.prepare(codebook.pointer, stride: codebook.columns)
    }

    public var isFinished: Bool { converged || iteration >= iterations }
    public var phase: String { "assign" }
    public var progress: Double { converged ? 1 : Double(iteration) / Double(iterations) }
    public var layout: StatisticsLayout { fields.layout }

    /// Assigns the shard's vectors; adds sums, counts, squared errors and how many assignments changed.
    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let rows = try vectors.vectors(ofShard: shard)
        let memory = workspaces[worker]
        let (indices, distances) = (memory.indices.pointer, memory.distances.pointer)
        let previous = assignments[shard - firstShard].pointer
        if let previousSearch {
            previousSearch.assign(
                rows.pointer, count: rows.rows, stride: rows.columns, indices: previous, squaredDistances: distances,
                workspace: memory.search)
        }
        search.assign(
            rows.pointer, count: rows.rows, stride: rows.columns, indices: indices, squaredDistances: distances,
            workspace: memory.search)
        let (counts, distortions) = (statistics[fields.counts], statistics[fields.distortions])
        let dimension = codebook.columns
        var changed = 0
        for item in 0..<rows.rows {
            let codeword = Int(indices[item])
            if previous[item] != indices[item] { changed += 1 }
            previous[item] = indices[item]
            counts[codeword] += 1
            distortions[codeword] += Double(distances[item])
            addVector(
                rows.pointer + item * dimension, to: statistics.touch(fields.vectors, codeword), count: dimension)
        }
        statistics[fields.changed] += Double(changed)
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let (counts, distortions) = (total[fields.counts], total[fields.distortions])
        let before = distortion
        distortion = distortions.reduce(0, +) / Double(vectors.count)
        guard distortion.isFinite else { throw LloydError.notFinite(what: "the distortion", phase: phase) }
        history.append(distortion)
        self.counts = Array(counts)
        previousSearch = nil
        previous.pointer.update(from: codebook.pointer, count: codebook.count)
        try codewordUpdate.update(
            codebook,
            with: AssignmentStatistics(
                sums: total.row(fields.vectors), counts: UnsafeBufferPointer(counts),
                distortions: UnsafeBufferPointer(distortions), iteration: iteration),
            team: team)
        iteration += 1
        converged = total[fields.changed] == 0 || (tolerance > 0 && before - distortion < tolerance * before)
        if !isFinished { search.prepare(codebook.pointer, stride: codebook.columns) }
        return nil
    }

    // MARK: Resumption

    public func state() -> TrainingState? {
        guard iteration > 0 else { return nil }
        var state = TrainingState()
        state.set("iteration", iteration)
        state.set("converged", converged ? 1 : 0)
        state.set("codebook", codebook)
        state.set("previous", previous)
        state.set("history", history)
        state.set("counts", counts)
        return state
    }

    public func restore(_ state: TrainingState) throws {
        try state.fill(codebook, "codebook")
        try state.fill(previous, "previous")
        iteration = try state.integer("iteration")
        converged = try state.integer("converged") > 0
        history = try state.numbers("history", count: iteration)
        counts = try state.numbers("counts", count: counts.count)
        distortion = history.last ?? .infinity
        guard !isFinished else { return }
        search.prepare(codebook.pointer, stride: codebook.columns)
        let earlier = NearestCodeword(codewords: codebook.rows, dimension: codebook.columns)
        earlier.prepare(previous.pointer, stride: previous.columns)
        previousSearch = earlier
    }
}

/// sum += vector.
@inline(__always)
func addVector(_ vector: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { sum[index] += vector[index] }
}
