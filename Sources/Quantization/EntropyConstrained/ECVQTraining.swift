import Foundation
import Numerics
import Stepping

/// Entropy-constrained vector quantization for one lambda: a tournament of starts, then the alternation of codewords and
/// code lengths on more and more vectors.
///
///     let training = try ECVQTraining(draws: draws, settings: .init(lambda: 64), seed: 1, shards: 64, threads: 1)
///     _ = try loop.run(training)                              // on any number of ranks
///     guard let result = training.result else { return }      // a signal stopped it
///     let codebook = result.codebook                          // what lives: codewords, probabilities, code lengths
///     _ = try loop.run(CodebookMeasurement(codebook, draws: test, count: 1_000_000, shards: 64, threads: 1))
///
/// The objective is bits + lambda * squared error, both per dimension. From a K-means codebook the alternation ends far from
/// the optimum: a rare codeword gets a longer code, so it gets rarer, and dies. Here it begins at a lattice: high-rate theory
/// says that the optimum has cells of one size everywhere (Gersho 1979), whose volume lambda determines. The lattice's
/// points take their probabilities from counted vectors, and nothing has to die that is needed. Short trials on few
/// vectors choose among several spacings and shifts, and starts from vectors; the winner is trained on many vectors. The
/// last passes use the most vectors: they find the means and code lengths of the tails, and place codewords at vectors that
/// are so far from all others that a codeword of their own pays.
///
/// Source: P. A. Chou, T. Lookabaugh, R. M. Gray, "Entropy-constrained vector quantization", IEEE Trans. Acoustics,
/// Speech, and Signal Processing 37 (1989).
public final class ECVQTraining: TrainingMethod {
    /// What a training is asked for.
    public struct Settings: Sendable {
        /// Weight of squared error per dimension against bits per dimension, above 0; 1 to 1000 cover about 0.5 to 5 bits
        /// per dimension of unit variance.
        public var lambda: Double
        /// The most codewords there may be at any time, at least 1.
        public var codewords = 1 << 14
        /// Vectors of a pass of the main alternation; nil chooses by dimension and codewords.
        public var vectors: Int?
        /// The most passes of the main alternation, which ends before if a pass gains less than a millionth.
        public var passes = 40
        /// Vectors of each of the last passes, fresh ones; nil chooses.
        public var finalVectors: Int?
        /// How many passes come last, over fresh vectors; 0 for none.
        public var finalPasses = 2
        /// Passes of each trial; 0 takes the theoretical spacing without a trial.
        public var trialPasses = 10
        /// Whether components are independent, alike and symmetric around zero: codewords that are signed permutations of
        /// one another then share what is learned, which makes codebooks of 10^5 codewords trainable in minutes. For three
        /// dimensions and more.
        public var symmetric = false

        /// Defaults for all but the weight.
        public init(lambda: Double) { self.lambda = lambda }
    }

    /// What a training ended with.
    public struct Result: Sendable {
        /// The codewords that are left.
        public let codebook: EntropyConstrainedCodebook
        /// Bits + lambda * squared error per dimension of the last pass over training vectors.
        public let objective: Double
        /// Codewords that the winning start had.
        public let started: Int
        /// Codewords that were removed on the way, because no vector took them.
        public let removed: Int
        /// Codewords that were placed at vectors far from all others.
        public let placed: Int
        /// Which start won, for people.
        public let start: String
        /// Vectors drawn in all passes, those of trials too; one that is drawn twice counts twice.
        public let vectors: Int
        /// Passes, those of trials too.
        public let passes: Int
    }

    private enum Stage {
        case trial(Int)
        /// The best trials once more, on more vectors.
        case runoff(Int)
        case main
        case final(Int)
    }

    /// A start that was tried: where its trial ended, and what that promises.
    private struct Entry {
        var objective: Double
        var start: CodebookStart
        var kind: Int
        var started: Int
    }

    /// Trials that enter the run-off.
    private static let finalistCount = 4
    private static let runoffPasses = 4

    /// The end of the training; nil before.
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
    /// Trials that ended, best first; then those of the run-off, best first.
    private var ranking: [Entry] = []
    private var finalists: [Entry] = []
    private var started = 0
    private var winner: StartKind
    private var lastObjective = Double.infinity
    private var totalVectors = 0
    private var totalPasses = 0
    private var removed = 0
    /// The first vector that no pass has seen.
    private var fresh = 0

    /// Builds the first start.
    /// - Parameters:
    ///   - seed: of the starts' random draws.
    ///   - shards: in how many parts a pass is cut; part of the result.
    ///   - threads: the size of the team that will call `map`.
    /// - Throws: `LloydError.unusable` for a lambda that is not above 0, no codeword, more codewords than vectors,
    ///   or symmetry in fewer than 3 dimensions.
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
        winner = kinds[0]
        chooseVectors()
    }

    private static func check(_ settings: Settings, _ draws: any VectorDraws) throws {
        guard settings.lambda > 0, settings.lambda.isFinite else {
            throw LloydError.unusable(
                key: "lambda", problem: "\(settings.lambda) gives distortion no weight",
                remedy: "use a number above 0; 1 to 1000 cover about 0.5 to 5 bits per dimension of unit variance")
        }
        guard settings.codewords >= 1 else {
            throw LloydError.unusable(
                key: "codewords", problem: "\(settings.codewords) codewords encode nothing", remedy: "use at least 1")
        }
        let vectors = min(draws.count ?? .max, settings.vectors ?? .max)
        guard settings.codewords <= vectors else {
            throw LloydError.unusable(
                key: "codewords",
                problem: "\(settings.codewords) codewords cannot be learned from \(vectors) training vectors",
                remedy: "use at most \(vectors) codewords, or more training vectors")
        }
        guard !settings.symmetric || draws.dimension > 2 else {
            throw LloydError.unusable(
                key: "symmetric", problem: "codewords of \(draws.dimension) dimensions need no symmetry",
                remedy: "use it for 3 dimensions or more")
        }
    }

    /// The starts that are tried: more of them at low rate, since they cost little there and theory says less.
    private static func kinds(
        _ settings: Settings, _ draws: any VectorDraws, _ builder: StartBuilder
    ) throws -> [StartKind] {
        guard settings.trialPasses > 0 else {
            return [settings.symmetric ? .shells(scale: 1) : .lattice(scale: 1, draw: 0)]
        }
        var kinds: [StartKind] = settings.symmetric ? [1, 0.9, 1.12].map { .shells(scale: $0) } : []
        let size = try builder.build(.lattice(scale: 1, draw: 0)).codeLengths.count
        // Without ties, a codeword needs vectors of its own.
        if settings.symmetric && size > 1000 { return kinds }
        let scales = draws.dimension == 2 ? [1, 1.06, 0.94, 1.12, 0.88, 1.2] : [1, 1.1, 0.92, 1.2]
        let turns = size > 1500 ? 1 : size > 300 ? 2 : 4
        for turn in 0..<turns {
            for (index, scale) in scales.enumerated() {
                kinds.append(.lattice(scale: scale, draw: turn * scales.count + index))
            }
        }
        if size <= 1000 {
            for ratio in [0.25, 0.35, 0.5, 0.7, 1] where draws.dimension > 2 || size <= 300 {
                kinds.append(.samples(count: max(2, Int(Double(size) * ratio)), draw: kinds.count))
            }
        }
        if draws.dimension == 2 && size <= 300 {
            // A ring's best number of codewords is not known beforehand.
            var count = 2
            while count <= 2 * size && count < 160 {
                kinds.append(.angles(count: count))
                count += max(1, count / 12)
            }
        }
        return kinds
    }

    // MARK: sizes

    /// Vectors of a pass of this stage: chosen when the stage begins, so that its passes see the same ones.
    private var passVectors = 0

    private func chooseVectors() {
        let (live, plane) = (alternation.live, draws.dimension == 2)
        var main = min(1 << 21, max(plane ? 1 << 19 : 1 << 18, power(1024 * live)))
        if alternation.isTied { main = 1 << 16 }
        main = settings.vectors ?? main
        switch stage {
        case .trial: passVectors = limited(min(main, max(1 << 15, power(256 * live))))
        case .runoff, .main: passVectors = limited(main)
        case .final: passVectors = limited(settings.finalVectors ?? (plane ? 1 << 25 : 2 * main))
        }
    }

    private func limited(_ count: Int) -> Int { min(count, draws.count ?? .max) }
    private func power(_ count: Int) -> Int { 1 << Int(log2(Double(max(count, 1))).rounded(.up)) }

    /// The vectors of the pass: always the same in trials and the main alternation, fresh ones last.
    private var passItems: Range<Int> {
        guard case .final = stage, draws.count == nil else { return 0..<passVectors }
        return fresh..<fresh + passVectors
    }

    // MARK: TrainingMethod

    public var isFinished: Bool { result != nil }
    public var phase: String {
        switch stage {
        case .trial, .runoff: "trials"
        case .main: "alternation"
        case .final: "tails"
        }
    }
    public var progress: Double {
        if isFinished { return 1 }
        switch stage {
        case .trial(let number): return 0.25 * Double(number) / Double(kinds.count)
        case .runoff(let number): return 0.25 + 0.01 * Double(number)
        case .main: return 0.3 + 0.3 * min(1, Double(alternation.passes) / Double(settings.passes))
        case .final(let pass): return 0.6 + 0.4 * Double(pass) / Double(settings.finalPasses)
        }
    }

    private var seeksOutliers: Float? {
        switch stage {
        case .trial, .runoff: return nil
        case .main, .final: break
        }
        return alternation.outlierDistance(vectors: passVectors)
    }

    /// Of the next pass.
    private var fields: Alternation.Fields { alternation.fields(outlierDistance: seeksOutliers) }
    public var layout: StatisticsLayout { fields.layout }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let all = passItems
        let first = all.lowerBound + shard * all.count / shards
        let end = all.lowerBound + (shard + 1) * all.count / shards
        alternation.map(
            draws, items: first..<end, shard: shard, worker: worker, fields, into: statistics)
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let vectors = passVectors
        let fields = self.fields
        totalVectors += vectors
        totalPasses += 1
        var isFinal = false
        if case .final = stage { isFinal = true }
        let outcome = alternation.update(total, fields, keepingAll: isFinal)
        let objective = (outcome.bits + settings.lambda * outcome.distortion) / Double(draws.dimension)
        guard objective.isFinite else { throw LloydError.notFinite(what: "the objective", phase: phase) }
        switch stage {
        case .trial(let number): try endTrialPass(number, objective)
        case .runoff(let number): endRunoffPass(number, objective)
        case .main:
            history.append(objective)
            alternation.takeOutliers(total, fields, vectors: vectors)
            let gain = lastObjective - objective
            lastObjective = objective
            if alternation.passes >= settings.passes || (history.count > 3 && gain < 1e-6 * abs(objective)) {
                fresh = max(builder.vectors, vectors)
                stage = .final(0)
                chooseVectors()
                if settings.finalPasses == 0 { finish(objective) }
            }
        case .final(let pass):
            fresh += vectors
            alternation.takeOutliers(total, fields, vectors: vectors)
            if pass + 1 == settings.finalPasses { finish(objective) } else { stage = .final(pass + 1) }
        }
        if !isFinished { alternation.prepare() }
        return nil
    }

    /// What the codebook would cost on other vectors: with n vectors, K codewords of d components and as many code lengths
    /// look better than they are by about K (d + 1) / (n ln 2) bits a vector.
    private func promise(_ objective: Double, vectors: Int) -> Double {
        guard !alternation.isTied else { return objective }
        let dimension = Double(draws.dimension)
        return objective + Double(alternation.live) * (dimension + 1) / (Double(vectors) * log(2) * dimension)
    }

    private func begin(_ start: CodebookStart, _ stage: Stage) {
        self.stage = stage
        alternation = Alternation(
            start: start, dimension: draws.dimension, lambda: settings.lambda, search: search, memory: memory,
            shards: shards, limit: settings.codewords)
        chooseVectors()
    }

    private func endTrialPass(_ number: Int, _ objective: Double) throws {
        let constrained = alternation.passes - (isSamples(kinds[number]) ? 8 : 0)
        let best = ranking.first?.objective ?? .infinity
        // After four passes hardly any start makes up for being two hundredths behind.
        guard constrained >= settings.trialPasses || (constrained == 4 && objective > 1.02 * best) else { return }
        let entry = Entry(
            objective: promise(objective, vectors: passVectors), start: alternation.asStart(), kind: number,
            started: started)
        ranking.insert(entry, at: ranking.firstIndex { $0.objective > entry.objective } ?? ranking.count)
        if ranking.count > Self.finalistCount { ranking.removeLast() }
        if number + 1 < kinds.count {
            begin(try builder.build(kinds[number + 1]), .trial(number + 1))
            started = alternation.live
        } else {
            begin(ranking[0].start, .runoff(0))
        }
    }

    private func endRunoffPass(_ number: Int, _ objective: Double) {
        guard alternation.passes >= Self.runoffPasses else { return }
        var entry = ranking[number]
        entry.objective = promise(objective, vectors: passVectors)
        entry.start = alternation.asStart()
        finalists.insert(entry, at: finalists.firstIndex { $0.objective > entry.objective } ?? finalists.count)
        if number + 1 < ranking.count {
            begin(ranking[number + 1].start, .runoff(number + 1))
        } else {
            begin(finalists[0].start, .main)
            started = finalists[0].started
            removed = started - alternation.live
            winner = kinds[finalists[0].kind]
            (ranking, finalists) = ([], [])
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
            start: "\(winner)", vectors: totalVectors, passes: totalPasses)
    }
}
