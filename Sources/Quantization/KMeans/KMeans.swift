import Numerics
import Stepping

/// K-means of vectors in memory, in one call.
///
///     let vectors = Matrix(rows: 1000, columns: 2, samples)
///     let fitted = try KMeans(codewords: 16).fit(vectors)
///     let codebook = fitted.codebook                          // 16 x 2
///     let error = fitted.distortion                           // squared error per vector
///     let indices = fitted.codewords(of: vectors)             // the codeword of each vector, from 0
///
/// The passes are those of a training on many machines (`LloydIterations`): the same settings and shards give the same
/// bytes there and here, on any number of threads.
public struct KMeans: Sendable {
    /// K, at least 1.
    public var codewords: Int
    /// At most so many passes over the vectors, at least 1.
    public var iterations: Int
    /// Ends the passes when the squared error falls by less than this fraction in a pass; 0 when no vector changes its codeword.
    public var tolerance: Double
    /// Where the first codewords come from.
    public var initialization: LloydTraining.Initialization
    /// Of the random draws: first codewords, and those that replace empty ones.
    public var seed: UInt64
    /// In how many parts sums are formed, at least 1; part of the result.
    public var shards: Int
    /// Threads that share the shards, at least 1; not part of the result.
    public var threads: Int

    /// Settings; `fit` checks them.
    public init(
        codewords: Int, iterations: Int = 100, tolerance: Double = 0,
        initialization: LloydTraining.Initialization = .plusPlus, seed: UInt64 = 1, shards: Int = 16, threads: Int = 1
    ) {
        self.codewords = codewords
        self.iterations = iterations
        self.tolerance = tolerance
        self.initialization = initialization
        self.seed = seed
        self.shards = shards
        self.threads = threads
    }

    /// What the passes ended with.
    public struct Fitted: Sendable {
        /// K x dimension.
        public let codebook: Matrix
        /// Vectors of each codeword in the last pass.
        public let counts: [Double]
        /// Squared error per vector in the last pass, before its update of the codewords.
        public let distortion: Double
        /// The same of every pass, first to last.
        public let history: [Double]

        /// The nearest codeword of each vector, from 0; the first among equals.
        /// - Parameter vectors: any number x dimension.
        public func codewords(of vectors: Matrix) -> [Int32] {
            precondition(vectors.columns == codebook.columns)
            let search = NearestCodeword(codewords: codebook.rows, dimension: codebook.columns)
            search.prepare(codebook.pointer, stride: codebook.columns)
            return [Int32](unsafeUninitializedCapacity: vectors.rows) { indices, filled in
                filled = vectors.rows
                guard let indices = indices.baseAddress, vectors.rows > 0 else { return }
                search.assign(
                    vectors.pointer, count: vectors.rows, stride: vectors.columns, indices: indices,
                    squaredDistances: nil, workspace: search.makeWorkspace())
            }
        }
    }

    /// Finds codewords for the vectors.
    /// - Parameter vectors: one per row; they stay as they are.
    /// - Throws: `LloydError.unusable` for a setting below 1 or more codewords than vectors; `LloydError.notFinite`
    ///   when a vector is not finite.
    public func fit(_ vectors: Matrix) throws -> Fitted {
        for (key, value) in [
            ("codewords", codewords), ("iterations", iterations), ("shards", shards), ("threads", threads),
        ] where value < 1 {
            throw LloydError.unusable(key: key, problem: "\(value) is too few", remedy: "use at least 1")
        }
        let training = try LloydTraining(
            vectors: MatrixShards(vectors, shards: shards),
            settings: .init(
                codewords: codewords, iterations: iterations, tolerance: tolerance, initialization: initialization),
            update: KMeansUpdate(seed: seed), seed: seed)
        guard let passes = try training.run(on: LocalRunner(shards: shards, threads: threads)) else {
            preconditionFailure("nothing stops a local runner")
        }
        return Fitted(
            codebook: passes.codebook, counts: passes.counts, distortion: passes.distortion, history: passes.history)
    }
}

/// The rows of a matrix in shards, without a copy.
public final class MatrixShards: ShardedVectors {
    private let bounds: [Int]
    private let shards: [Matrix]
    public let dimension: Int
    public let count: Int

    /// Shares the matrix's memory.
    /// - Parameter shards: in how many parts of neighboring rows, at least 1; some are empty if there are few rows.
    public init(_ vectors: Matrix, shards: Int) {
        precondition(shards >= 1)
        (dimension, count) = (vectors.columns, vectors.rows)
        // Sixteen rows of floats fill whole cache lines, so every shard begins on one.
        let bounds = (0...shards).map { $0 == shards ? vectors.rows : vectors.rows / 16 * $0 / shards * 16 }
        self.bounds = bounds
        self.shards = (0..<shards).map { shard in
            let rows = bounds[shard + 1] - bounds[shard]
            return Matrix(
                rows: rows, columns: vectors.columns,
                storage: AlignedBuffer(
                    vectors.pointer + bounds[shard] * vectors.columns, count: rows * vectors.columns,
                    owner: vectors.storage))
        }
    }

    public func firstIndex(ofShard shard: Int) -> Int { bounds[min(shard, shards.count)] }
    public func vectorCount(ofShard shard: Int) -> Int { shards[shard].rows }
    public func vectors(ofShard shard: Int) -> Matrix { shards[shard] }
}
