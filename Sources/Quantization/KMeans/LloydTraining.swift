import Numerics
import Stepping

/// Lloyd's algorithm from the first codewords to the last pass: seeding, then passes, run one after the other.
///
///     let training = try LloydTraining(
///         vectors: vectors, settings: .init(codewords: 256, iterations: 20), update: KMeansUpdate(seed: 1), seed: 1)
///     let passes = try training.run(on: loop)                 // nil if a signal stopped it
///     let codebook = passes?.codebook                         // K x dimension
///
/// The bytes are the same on any number of ranks. A resumed run whose checkpoint holds passes continues them and does not
/// seed again.
public struct LloydTraining {
    /// What a training is asked for.
    public struct Settings: Sendable {
        /// K, at least 1.
        public var codewords: Int
        /// At most so many passes over the data, at least 1.
        public var iterations: Int
        /// Stop when the distortion falls by less than this fraction in a pass; 0 stops when no assignment changes.
        public var tolerance: Double
        /// Where the first codewords come from.
        public var initialization: Initialization

        /// Settings of a training.
        public init(
            codewords: Int, iterations: Int, tolerance: Double = 0, initialization: Initialization = .samples
        ) {
            self.codewords = codewords
            self.iterations = iterations
            self.tolerance = tolerance
            self.initialization = initialization
        }
    }

    /// Where the first codewords come from: the data, a distribution, or the caller.
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

    private let vectors: any ShardedVectors
    private let settings: Settings
    private let codewordUpdate: any CodewordUpdate
    private let seed: UInt64
    private let step: Int

    /// A training, not yet run.
    /// - Parameters:
    ///   - update: the M-step.
    ///   - seed: of first codewords.
    ///   - step: distinguishes the random draws of several trainings under one seed, such as layers.
    /// - Throws: `LloydError.unusable` when codewords are to be drawn from fewer vectors.
    public init(
        vectors: any ShardedVectors, settings: Settings, update: any CodewordUpdate, seed: UInt64, step: Int = 0
    ) throws {
        precondition(settings.codewords >= 1 && settings.iterations >= 1)
        switch settings.initialization {
        case .samples, .plusPlus:
            guard vectors.count >= settings.codewords else {
                throw LloydError.unusable(
                    key: "codewords",
                    problem: "\(settings.codewords) codewords cannot be drawn from \(vectors.count) training vectors",
                    remedy: "use at most \(vectors.count) codewords, or more training data")
            }
        case .gaussian(let variances): precondition(variances.count == vectors.dimension)
        case .given(let codewords):
            precondition(codewords.rows == settings.codewords && codewords.columns == vectors.dimension)
        }
        self.vectors = vectors
        self.settings = settings
        codewordUpdate = update
        self.seed = seed
        self.step = step
    }

    /// Runs seeding and passes.
    /// - Parameters:
    ///   - name: what a checkpoint calls the passes.
    ///   - share: what share of the part of the run this training is, within 0...1.
    ///   - keepingEnd: whether later methods of the part need the passes in checkpoints.
    /// - Returns: the passes, done; nil if a stop was asked for.
    /// - Throws: what reading vectors, the update or the runner throws; `LloydError.notFinite`.
    public func run(
        on runner: some MethodRunner, named name: String = "passes", spanning share: ClosedRange<Double> = 0...1,
        keepingEnd: Bool = true
    ) throws -> LloydIterations? {
        let codebook = Matrix(rows: settings.codewords, columns: vectors.dimension)
        if !runner.holdsState(named: name), let seeding = seeding(of: codebook, owned: runner.owned) {
            let begin = share.lowerBound...share.lowerBound
            let outcome = try runner.run(seeding, named: name + "-seeding", spanning: begin, keepingEnd: false)
            guard outcome == .finished else { return nil }
        }
        let passes = LloydIterations(
            vectors: vectors, owned: runner.owned, codebook: codebook, iterations: settings.iterations,
            tolerance: settings.tolerance, update: codewordUpdate, threads: runner.team.threads)
        let outcome = try runner.run(passes, named: name, spanning: share, keepingEnd: keepingEnd)
        return outcome == .finished ? passes : nil
    }

    /// The method that fills the codebook from the data; nil after it was filled at once.
    func seeding(of codebook: Matrix, owned: Range<Int>) -> (any TrainingMethod)? {
        switch settings.initialization {
        case .samples: return SampleSeeding(vectors: vectors, codebook: codebook, seed: seed, step: step)
        case .plusPlus:
            return PlusPlusSeeding(vectors: vectors, shards: owned, codebook: codebook, seed: seed, step: step)
        case .gaussian(let variances):
            codebook.fillWithGaussianCodewords(variances: variances, seed: seed, step: step)
        case .given(let codewords): codebook.pointer.update(from: codewords.pointer, count: codebook.count)
        }
        return nil
    }
}
