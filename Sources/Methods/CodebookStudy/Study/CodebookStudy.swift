import Datasets
import Foundation
import MethodKit
import Numerics
import Quantization
import Training

/// Single codebooks for a Gaussian source with decaying variances: K-means, random codewords and VR-Kmeans side by side.
///
///     let study = CodebookStudy(settings: settings)
///     let record = try study.run(loop)                        // nil if a signal stopped it
///     record?.table                                           // Table I
///
/// Source: RRQ paper, section IV, Table I and Fig. 1: n = 1000, K = 256, sigma_j^2 = exp(-0.01 j), distortions as fractions
/// of the total variance.
struct CodebookStudy {
    /// What a study is asked to do.
    struct Settings: Sendable {
        /// Of the first trial; each further one has the next.
        var seed: UInt64 = 1
        /// Trials that the table is the mean of, each on vectors of its own.
        var trials = 5
        /// Training vectors of a trial.
        var trainCount = 1000
        /// Test vectors of a trial.
        var testCount = 1000
        /// n, components of a vector.
        var dimension = 1000
        /// Variances are exp(-decay j), j from 1.
        var decay = 0.01
        /// K.
        var codewords = 256
        /// VR-Kmeans is trained with each of these; the paper's lambda, Eq. 3.
        var lambdas = [0.1, 10, 1000]
        /// The most passes of K-means and VR-Kmeans.
        var iterations = 30
        /// Where VR-Kmeans starts, and K-means, which starts from samples instead of Gaussian draws.
        var initialization = FirstCodewords.samples
        init() {}
    }

    /// What a codebook is made by.
    enum Method: String, Codable, Sendable {
        case kmeans
        /// Draws with the variances that theory asks for.
        case random
        case vrKmeans = "vr-kmeans"
    }

    /// A method and its lambda.
    struct Case {
        var method: Method
        var lambda: Double?
    }

    let settings: Settings

    init(settings: Settings) { self.settings = settings }

    private var cases: [Case] {
        [Case(method: .kmeans), Case(method: .random)]
            + settings.lambdas.map { Case(method: .vrKmeans, lambda: $0) }
    }

    /// Trains every case in every trial.
    /// - Returns: the record, on all ranks; nil if a signal stopped the run.
    func run(_ loop: TrainingLoop) throws -> CodebookStudyRecord? {
        try MemoryBudget.require(
            bytes: MemoryBudget.product(max(settings.trainCount, settings.testCount), settings.dimension, 8),
            key: settings.trainCount >= settings.testCount ? "study.train-count" : "study.test-count",
            what: "the training and test vectors")
        let rate = log2(Double(settings.codewords))
        let source = VarianceDecayingGaussian(
            count: settings.trainCount, dimension: settings.dimension, decay: settings.decay, seed: settings.seed,
            purpose: .syntheticTrain)
        let ideal = ReverseWaterFilling(variances: source.variances, rate: rate)
        var results = cases.map { CodebookStudyRecord.Accumulator($0.method, $0.lambda) }
        for trial in 0..<settings.trials {
            guard let sets = try load(trial, loop) else { return nil }
            for (number, item) in cases.enumerated() {
                let done = Double(trial * cases.count + number)
                let whole = Double(settings.trials * cases.count)
                loop.begin(
                    "trial \(trial + 1) of \(settings.trials), \(item.method.rawValue)"
                        + (item.lambda.map { ", lambda \($0)" } ?? ""),
                    spanning: done / whole...(done + 1) / whole)
                guard let outcome = try train(item, trial, sets, loop) else { return nil }
                results[number].add(outcome)
                try loop.record(outcome.metrics(trial: trial, method: item.method, lambda: item.lambda))
            }
        }
        return CodebookStudyRecord(
            settings: settings, ideal: ideal, variances: source.variances, results: results)
    }

    private struct Sets {
        var train: VectorShards
        var test: VectorShards
        var variances: [Double]
    }

    private func load(_ trial: Int, _ loop: TrainingLoop) throws -> Sets? {
        func load(_ count: Int, _ purpose: RandomPurpose, _ name: String) throws -> VectorShards {
            let source = VarianceDecayingGaussian(
                count: count, dimension: settings.dimension, decay: settings.decay,
                seed: settings.seed &+ UInt64(trial), purpose: purpose)
            let dimension = settings.dimension
            return try VectorShards.load(source, name: name, reduction: loop.reduction) { read, kept, _ in
                kept.update(from: read, count: dimension)
            }
        }
        return try loop.measure("read data") {
            let train = try load(settings.trainCount, .syntheticTrain, "train")
            let test = try load(settings.testCount, .syntheticTest, "test")
            var layout = StatisticsLayout()
            let squares = layout.addSums(settings.dimension)
            let total = try loop.reduction.sum(layout) { shard, _, statistics in
                addSquares(of: train[shard], to: statistics[squares])
            }
            return Sets(train: train, test: test, variances: total[squares].map { $0 / Double(settings.trainCount) })
        }
    }

    private func train(
        _ item: Case, _ trial: Int, _ sets: Sets, _ loop: TrainingLoop
    ) throws -> CodebookStudyRecord.Outcome? {
        let rate = log2(Double(settings.codewords))
        let allocation = ReverseWaterFilling(variances: sets.variances, rate: rate)
        let codebook =
            item.method == .kmeans
            ? SparseCodebook(dimension: settings.dimension, codewords: settings.codewords)
            : SparseCodebook(
                dimension: settings.dimension, active: allocation.active.map { Int32($0) },
                codewords: settings.codewords)
        let (seed, threads) = (settings.seed &+ UInt64(trial), loop.reduction.team.threads)
        if item.method == .random {
            codebook.values.fillWithGaussianCodewords(
                variances: allocation.codewordVariances, seed: seed, step: 0)
        } else {
            let residuals = ActiveEntries(
                of: sets.train, codebook: codebook, version: 0, store: .init(owned: sets.train.owned))
            let update: any CodewordUpdate =
                item.lambda.map {
                    VRKMeans(
                        allocation: allocation, codewords: settings.codewords, lambda: $0, seed: seed, step: 0)
                } ?? KMeansUpdate(seed: seed)
            let training = try LloydTraining(
                vectors: residuals,
                settings: .init(
                    codewords: settings.codewords, iterations: settings.iterations,
                    initialization: initialization(item, allocation)),
                update: update, seed: seed)
            guard let passes = try training.run(on: loop) else { return nil }
            codebook.values.pointer.update(from: passes.codebook.pointer, count: passes.codebook.count)
        }
        let measurement = StudyMeasurement(
            codebook: codebook, train: sets.train, test: sets.test, threads: threads)
        guard try loop.run(measurement) == .finished else { return nil }
        return measurement.outcome
    }

    private func initialization(
        _ item: Case, _ allocation: ReverseWaterFilling
    ) -> LloydTraining.Initialization {
        item.method == .kmeans && settings.initialization == .gaussian
            ? .samples : settings.initialization.initialization(variances: allocation.codewordVariances)
    }
}
