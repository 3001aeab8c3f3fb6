import Foundation
import Numerics
import Training

/// Entropy-constrained vector quantization for one lambda: a tournament of starts, then the alternation of codewords and
/// code lengths on ever more vectors.
///
///     let training = try ECVQTraining(draws: draws, settings: .init(lambda: 64), seed: 1, shards: 64, threads: 1)
///     try loop.run(training)                                  // on any number of ranks
///     training.result!.codebook                               // what lives: codewords, probabilities, code lengths
///     try loop.run(CodebookMeasurement(training.result!.codebook, draws: test, count: 1_000_000, shards: 64, threads: 1))
///
/// Minimised is bits + lambda * squared error, both per dimension. From a K-means codebook the alternation ends far from
/// the optimum, because a rare codeword gets dearer and so rarer, and dies. Here it begins at a lattice: high-rate theory
/// says that the optimum has cells of one size everywhere (Gersho 1979), whose volume lambda determines. The lattice's
/// points take their probabilities from counted vectors, and nothing has to die that is needed. Short trials on few
/// vectors choose among several spacings and places, and starts from vectors; the winner goes on with many vectors; last
/// passes over the most vectors find the means and code lengths of the tails, and place codewords at vectors that are so
/// far from all others that a codeword of their own pays.
///
/// Source: P. A. Chou, T. Lookabaugh, R. M. Gray, "Entropy-constrained vector quantization", IEEE Trans. Acoustics,
/// Speech, and Signal Processing 37 (1989).
public final class ECVQTraining: TrainingMethod {
    public struct Settings: Sendable {
        /// Weight of squared error per dimension against bits per dimension.
        public var lambda: Double
        /// The most codewords there may be at any time.
        public var codewords = 1 << 14
        /// Vectors of a pass of the main alternation; nil chooses by dimension and codewords.
        public var vectors: Int?
        /// Most passes of the main alternation, which ends when a pass gains less than a millionth.
        public var passes = 40
        /// Vectors of each of the last passes, fresh ones; nil chooses.
        public var finalVectors: Int?
        public var finalPasses = 2
        /// Passes of each trial; none takes the theoretical spacing without trial.
        public var trialPasses = 10
        /// Whether components are independent, alike and symmetric around zero: codewords that are signed permutations of
        /// one another then share what is learned, which makes codebooks of 10^5 codewords trainable in minutes. For three
        /// dimensions and more.
        public var symmetric = false

        public init(lambda: Double) { self.lambda = lambda }
    }

    /// What a training ended with.
    public struct Result: Sendable {
        public let codebook: EntropyConstrainedCodebook
        /// Bits + lambda * squared error per dimension of the last pass over training vectors.
        public let objective: Double
        /// Codewords that the winning start had, that were removed on the way, and that were placed at far vectors.
        public let started: Int
        public let removed: Int
        public let placed: Int
        /// Which start won.
        public let start: String
        /// Vectors drawn in all passes, and the number of passes.
        public let vectors: Int
        public let passes: Int
    }

    private enum Stage {
        case trial(Int)
        case main
        case final(Int)
    }

    public private(set) var result: Result?
    /// Objective of every pass of the main alternation.
    public private(set) var history: [Double] = []

    private let draws: any VectorDraws
    private let settings: Settings
    private let shards: Int
    private let builder: StartBuilder
    private let kinds: [StartKind]
    private let search: PenalizedSearch
    private let memory: [Alternation.WorkerMemory]
    private var stage: Stage
    private var alternation: Alternation
    private var best: (objective: Double, start: CodebookStart, kind: Int, started: Int)?
    private var started = 0
    private var lastObjective = Double.infinity
    private var totalVectors = 0
    private var totalPasses = 0
    private var removed = 0
    /// The first vector that no pass has seen.
    private var fresh = 0

    /// - Parameters:
    ///   - shards: in how many parts a pass is cut; part of the result.
    ///   - threads: the size of the team that will call `map`.
    /// - Throws: `TrainingError.unusable` for a lambda that is not above 0, no codeword, or more codewords than vectors.
    public init(draws: any VectorDraws, settings: Settings, seed: UInt64, shards: Int, threads: Int) throws {
        try Self.check(settings, draws)
        self.draws = draws
        self.settings = settings
        self.shards = shards
        let counted = min(draws.count ?? .max, draws.dimension == 2 ? 1 << 20 : 1 << 14)
        builder = StartBuilder(
            draws: draws, lambda: settings.lambda, limit: settings.codewords, seed: seed, vectors: counted)
        kinds = try Self.kinds(settings, draws, builder)
        search = PenalizedSearch(dimension: draws.dimension, threads: threads)
        memory = (0..<threads).map { _ in Alternation.WorkerMemory(dimension: draws.dimension) }
        let start = try builder.build(kinds[0])
        alternation = Alternation(
            start: start, dimension: draws.dimension, lambda: settings.lambda, search: search, memory: memory,
            shards: shards, limit: settings.codewords)
        stage = kinds.count > 1 ? .trial(0) : .main
        started = alternation.live
    }

    private static func check(_ settings: Settings, _ draws: any VectorDraws) throws {
        guard settings.lambda > 0, settings.lambda.isFinite else {
            throw TrainingError.unusable(
                key: "lambda", problem: "\(settings.lambda) gives distortion no weight",
                remedy: "use a number above 0; 1 to 1000 cover about 0.5 to 5 bits per dimension of unit variance")
        }
        guard settings.codewords >= 1 else {
            throw TrainingError.unusable(
                key: "codewords", problem: "\(settings.codewords) codewords encode nothing", remedy: "use at least 1")
        }
        let vectors = min(draws.count ?? .max, settings.vectors ?? .max)
        guard settings.codewords <= vectors else {
            throw TrainingError.unusable(
                key: "codewords",
                problem: "\(settings.codewords) codewords cannot be learned from \(vectors) training vectors",
                remedy: "use at most \(vectors) codewords, or more training vectors")
        }
        guard !settings.symmetric || draws.dimension > 2 else {
            throw TrainingError.unusable(
                key: "symmetric", problem: "codewords of \(draws.dimension) dimensions need no symmetry",
                remedy: "use it for 3 dimensions or more")
        }
    }

    /// The starts that are tried. In the plane, at low rate: more of them, as they cost little and theory says less.
    private static func kinds(
        _ settings: Settings, _ draws: any VectorDraws, _ builder: StartBuilder
    ) throws -> [StartKind] {
        if settings.symmetric {
            return settings.trialPasses == 0
                ? [.shells(scale: 1)] : [.shells(scale: 0.9), .shells(scale: 1), .shells(scale: 1.12)]
        }
        guard settings.trialPasses > 0 else { return [.lattice(scale: 1, draw: 0)] }
        let size = try builder.build(.lattice(scale: 1, draw: 0)).codeLengths.count
        if draws.dimension != 2 {
            return [
                .lattice(scale: 1, draw: 0), .lattice(scale: 1.15, draw: 1), .lattice(scale: 0.88, draw: 2),
                .samples(count: min(size, settings.codewords), draw: 0),
            ]
        }
        let scales = [1, 1.06, 0.94, 1.12, 0.88, 1.2]
        let turns = size > 1500 ? 1 : size > 300 ? 2 : 4
        var kinds: [StartKind] = []
        for turn in 0..<turns {
            for (place, scale) in scales.enumerated() where turn == 0 || size <= 1500 {
                kinds.append(.lattice(scale: scale, draw: turn * scales.count + place))
            }
        }
        if size <= 300 {
            // A ring's best number of codewords is not known beforehand; neighbours differ by what a trial can tell.
            for ratio in [0.25, 0.35, 0.5, 0.7, 1] {
                kinds.append(.samples(count: max(2, Int(Double(size) * ratio)), draw: kinds.count))
            }
            var count = 2
            while count <= 2 * size && count < 160 {
                kinds.append(.angles(count: count))
                count += max(1, count / 12)
            }
        }
        return kinds
    }

    // MARK: sizes

    /// Vectors of a pass of a trial, of the main alternation and of the last passes.
    private var trialVectors: Int { limited(min(mainVectors, max(1 << 15, power(256 * alternation.live)))) }
    private var mainVectors: Int {
        if let vectors = settings.vectors { return limited(vectors) }
        if draws.dimension > 2 { return limited(settings.symmetric ? 1 << 16 : 1 << 20) }
        return limited(min(1 << 21, max(1 << 19, power(1024 * started))))
    }
    private var finalVectors: Int {
        limited(settings.finalVectors ?? (draws.dimension == 2 ? 1 << 25 : mainVectors * 2))
    }
    private func limited(_ count: Int) -> Int { min(count, draws.count ?? .max) }
    private func power(_ count: Int) -> Int { 1 << Int(log2(Double(max(count, 1))).rounded(.up)) }

    private var passVectors: Int {
        switch stage {
        case .trial: trialVectors
        case .main: mainVectors
        case .final: finalVectors
        }
    }

    /// The vectors of the pass: always the same in trials and the main alternation, fresh ones last.
    private var passItems: Range<Int> {
        guard case .final = stage, draws.count == nil else { return 0..<passVectors }
        return fresh..<fresh + passVectors
    }

    // MARK: TrainingMethod

    public var isFinished: Bool { result != nil }
    public var phase: String {
        switch stage {
        case .trial: "trials"
        case .main: "alternation"
        case .final: "tails"
        }
    }
    public var progress: Double {
        if isFinished { return 1 }
        switch stage {
        case .trial(let number): return 0.3 * Double(number) / Double(kinds.count)
        case .main: return 0.3 + 0.3 * min(1, Double(alternation.passes) / Double(settings.passes))
        case .final(let pass): return 0.6 + 0.4 * Double(pass) / Double(settings.finalPasses)
        }
    }

    private var seeksOutliers: Float? {
        if case .trial = stage { return nil }
        return alternation.outlierDistance(vectors: passVectors)
    }

    public var layout: StatisticsLayout { alternation.layout(outliers: seeksOutliers != nil) }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let all = passItems
        let first = all.lowerBound + shard * all.count / shards
        let end = all.lowerBound + (shard + 1) * all.count / shards
        alternation.map(
            draws, items: first..<end, shard: shard, worker: worker, outlierDistance: seeksOutliers, into: statistics)
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let vectors = passVectors
        let groups = total.layout.sums
        totalVectors += vectors
        totalPasses += 1
        let outliers = seeksOutliers
        let before = groups - 1 - (outliers == nil ? 0 : shards)
        var isFinal = false
        if case .final = stage { isFinal = true }
        let outcome = alternation.update(total, keepingAll: isFinal)
        let objective = (outcome.bits + settings.lambda * outcome.distortion) / Double(draws.dimension)
        guard objective.isFinite else { throw TrainingError.notFinite(what: "the objective", phase: phase) }
        switch stage {
        case .trial(let number): try endTrialPass(number, objective)
        case .main:
            history.append(objective)
            if let outliers {
                alternation.takeOutliers(total, groups: before, vectors: vectors, distance: outliers)
            }
            let gain = lastObjective - objective
            lastObjective = objective
            if alternation.passes >= settings.passes || (history.count > 3 && gain < 1e-6 * abs(objective)) {
                fresh = max(builder.vectors, vectors)
                stage = .final(0)
                if settings.finalPasses == 0 { finish(objective) }
            }
        case .final(let pass):
            fresh += vectors
            if let outliers {
                alternation.takeOutliers(total, groups: before, vectors: vectors, distance: outliers)
            }
            if pass + 1 == settings.finalPasses { finish(objective) } else { stage = .final(pass + 1) }
        }
        if !isFinished { alternation.prepare() }
        return nil
    }

    /// Trials are compared by what their codebooks would cost on other vectors: with n vectors, K codewords of d components
    /// and as many code lengths look better than they are by about K (d + 1) / (n ln 2) bits a vector.
    private func endTrialPass(_ number: Int, _ objective: Double) throws {
        let constrained = alternation.passes - (isSamples(kinds[number]) ? 8 : 0)
        // After four passes hardly any start makes up for being two hundredths behind.
        let isHopeless = constrained == 4 && objective > 1.02 * (best?.objective ?? .infinity)
        guard constrained >= settings.trialPasses || isHopeless else { return }
        let dimension = Double(draws.dimension)
        let excess =
            settings.symmetric
            ? 0
            : Double(alternation.live) * (dimension + 1) / (Double(trialVectors) * log(2) * dimension)
        if objective + excess < best?.objective ?? .infinity {
            best = (objective + excess, alternation.asStart(), number, started)
        }
        let next = number + 1
        let start = next < kinds.count ? try builder.build(kinds[next]) : best!.start
        alternation = Alternation(
            start: start, dimension: draws.dimension, lambda: settings.lambda, search: search, memory: memory,
            shards: shards, limit: settings.codewords)
        if next < kinds.count {
            started = alternation.live
            stage = .trial(next)
        } else {
            stage = .main
            started = best!.started
            removed = started - alternation.live
        }
    }

    private func isSamples(_ kind: StartKind) -> Bool {
        if case .samples = kind { return true }
        return false
    }

    private func finish(_ objective: Double) {
        result = Result(
            codebook: alternation.codebook(), objective: objective, started: started,
            removed: removed + alternation.removed, placed: alternation.placed,
            start: "\(kinds[best?.kind ?? 0])", vectors: totalVectors, passes: totalPasses)
    }
}
