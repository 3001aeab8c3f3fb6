import Numerics
import Training

/// Lloyd's algorithm over sharded vectors: initial codewords, then assignment and update in turn.
///
///     let training = LloydIterations(
///         vectors: vectors, settings: .init(codewords: 256, iterations: 20), update: KMeansUpdate(seed: 1), seed: 1)
///     try loop.run(training)                                  // on any number of ranks
///     training.codebook                                       // K x dimension
///
/// The update decides what is learned: `KMeansUpdate` gives K-means, `VRKMeans` its regularized relative. Statistics are a
/// sum and a count for each codeword, reduced in shard order.
///
/// Source: S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Information Theory 28 (1982).
public final class LloydIterations: ResumableMethod {
    public struct Settings: Sendable {
        /// K.
        public var codewords: Int
        /// At most so many passes over the data.
        public var iterations: Int
        /// Stop when the distortion falls by less than this fraction in a pass; 0 stops when no assignment changes.
        public var tolerance: Double
        public var initialization: Initialization

        public init(
            codewords: Int, iterations: Int, tolerance: Double = 0, initialization: Initialization = .samples
        ) {
            self.codewords = codewords
            self.iterations = iterations
            self.tolerance = tolerance
            self.initialization = initialization
        }
    }

    /// Where the first codewords come from.
    public enum Initialization: Sendable {
        /// Distinct training vectors, drawn uniformly.
        case samples
        /// Training vectors drawn in proportion to their squared distance from those already drawn (Arthur and
        /// Vassilvitskii 2007). Takes two short passes over the data for each codeword.
        case plusPlus
        /// Draws from N(0, S) with these variances, one per dimension.
        case gaussian(variances: [Double])
        /// Codewords given from outside, K x dimension.
        case given(Matrix)
    }

    public let codebook: Matrix
    /// Squared error per vector under the codewords that the last pass used, and vectors per codeword then.
    public private(set) var distortion = Double.infinity
    public private(set) var counts: [Double]
    /// Passes done.
    public private(set) var iteration = 0
    /// The distortion of every pass so far.
    public private(set) var history: [Double] = []

    private let vectors: any ShardedVectors
    private let settings: Settings
    private let codewordUpdate: any CodewordUpdate
    private let search: NearestCodeword
    private let workspaces: [WorkerMemory]
    private var assignments: [Int: AlignedBuffer<Int32>] = [:]
    private var seeding: (any TrainingMethod)?
    private var converged = false
    /// The codewords that the last pass used: what a checkpoint keeps in place of every vector's codeword.
    private let previous: Matrix
    /// In a resumed training before its first pass: finds what the vectors were assigned to, so that the pass can tell
    /// which assignments change.
    private var previousSearch: NearestCodeword?

    /// Buffers of one worker thread, kept over all passes.
    private struct WorkerMemory {
        let search: NearestCodeword.Workspace
        var indices: AlignedBuffer<Int32>
        var distances: AlignedBuffer<Float>
    }

    /// - Parameters:
    ///   - shards: the shards this rank owns.
    ///   - threads: the size of the team that will call `map`.
    ///   - step: distinguishes the random draws of several trainings under one seed, such as layers.
    /// - Throws: `TrainingError.unusable` when there are fewer vectors than codewords.
    public init(
        vectors: any ShardedVectors, shards: Range<Int>, settings: Settings, update: any CodewordUpdate, seed: UInt64,
        step: Int = 0, threads: Int
    ) throws {
        precondition(settings.codewords >= 1 && settings.iterations >= 1)
        self.vectors = vectors
        self.settings = settings
        codewordUpdate = update
        codebook = Matrix(rows: settings.codewords, columns: vectors.dimension)
        previous = Matrix(rows: settings.codewords, columns: vectors.dimension)
        counts = Array(repeating: 0, count: settings.codewords)
        let search = NearestCodeword(codewords: settings.codewords, dimension: vectors.dimension)
        self.search = search
        var longest = 1
        for shard in shards {
            let rows = vectors.vectorCount(ofShard: shard)
            longest = max(longest, rows)
            assignments[shard] = AlignedBuffer(count: rows)
            assignments[shard]!.elements.update(repeating: -1)
        }
        workspaces = (0..<threads).map { _ in
            WorkerMemory(
                search: search.makeWorkspace(), indices: AlignedBuffer(count: longest),
                distances: AlignedBuffer(count: longest))
        }
        switch settings.initialization {
        case .samples:
            try requireEnough(vectors.count)
            seeding = SampleSeeding(vectors: vectors, codebook: codebook, seed: seed, step: step)
        case .plusPlus:
            try requireEnough(vectors.count)
            seeding = PlusPlusSeeding(vectors: vectors, shards: shards, codebook: codebook, seed: seed, step: step)
        case .gaussian(let variances):
            codebook.fillWithGaussianCodewords(variances: variances, seed: seed, step: step)
        case .given(let codewords):
            precondition(codewords.rows == codebook.rows && codewords.columns == codebook.columns)
            codebook.pointer.update(from: codewords.pointer, count: codebook.count)
        }
        if seeding == nil { search.prepare(codebook.pointer, stride: codebook.columns) }
    }

    private func requireEnough(_ count: Int) throws {
        guard count >= settings.codewords else {
            throw TrainingError.unusable(
                key: "codewords",
                problem: "\(settings.codewords) codewords cannot be drawn from \(count) training vectors",
                remedy: "use at most \(count) codewords, or more training data")
        }
    }

    public var isFinished: Bool { converged || iteration >= settings.iterations }
    public var phase: String { seeding?.phase ?? "assign" }
    public var progress: Double { converged ? 1 : Double(iteration) / Double(settings.iterations) }

    public var layout: StatisticsLayout {
        if let seeding { return seeding.layout }
        return StatisticsLayout(rows: codebook.rows, columns: codebook.columns, sums: 2 * codebook.rows + 1)
    }

    /// Assigns the shard's vectors; adds sums, counts, squared errors and how many assignments changed.
    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        if let seeding { return try seeding.map(shard: shard, worker: worker, into: statistics) }
        let rows = vectors.vectors(ofShard: shard)
        let memory = workspaces[worker]
        let (indices, distances) = (memory.indices.pointer, memory.distances.pointer)
        let previous = assignments[shard]!.pointer
        if let previousSearch {
            previousSearch.assign(
                rows.pointer, count: rows.rows, stride: rows.columns, indices: previous, squaredDistances: distances,
                workspace: memory.search)
        }
        search.assign(
            rows.pointer, count: rows.rows, stride: rows.columns, indices: indices, squaredDistances: distances,
            workspace: memory.search)
        let sums = statistics.sums
        let (codewords, dimension) = (codebook.rows, codebook.columns)
        var changed = 0
        for item in 0..<rows.rows {
            let codeword = Int(indices[item])
            if previous[item] != indices[item] { changed += 1 }
            previous[item] = indices[item]
            sums[codeword] += 1
            sums[codewords + codeword] += Double(distances[item])
            addVector(rows.pointer + item * dimension, to: statistics.touchRow(codeword), count: dimension)
        }
        sums[2 * codewords] += Double(changed)
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        if let seeding {
            _ = try seeding.update(total, team: team)
            if seeding.isFinished {
                self.seeding = nil
                search.prepare(codebook.pointer, stride: codebook.columns)
            }
            return nil
        }
        let codewords = codebook.rows
        let counts = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(total.sums)[0..<codewords])
        let distortions = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(total.sums)[codewords..<2 * codewords])
        let changed = total.sums[2 * codewords]
        let before = distortion
        distortion = distortions.reduce(0, +) / Double(vectors.count)
        guard distortion.isFinite else { throw TrainingError.notFinite(what: "the distortion", phase: "assign") }
        history.append(distortion)
        self.counts = Array(counts)
        previousSearch = nil
        previous.pointer.update(from: codebook.pointer, count: codebook.count)
        try codewordUpdate.update(
            codebook,
            with: AssignmentStatistics(
                sums: total.bulk, counts: counts, distortions: distortions, iteration: iteration),
            team: team)
        iteration += 1
        converged = changed == 0 || (settings.tolerance > 0 && before - distortion < settings.tolerance * before)
        if !isFinished { search.prepare(codebook.pointer, stride: codebook.columns) }
        return nil
    }

    // MARK: Going on elsewhere

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
        seeding = nil
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
    for place in 0..<count { sum[place] += vector[place] }
}
