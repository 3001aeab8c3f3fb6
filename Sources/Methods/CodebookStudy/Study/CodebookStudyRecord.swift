import Foundation
import Quantization
import Training

/// What a codebook study found: Table I and the curves of Fig. 1 of the RRQ paper, kept as record.json in the run folder.
public struct CodebookStudyRecord: Codable, Sendable {
    /// One line of Table I, means over trials; distortions as fractions of the set's energy.
    struct Row: Codable, Sendable {
        var method: CodebookStudy.Method
        /// Of VR-Kmeans; nil for the others.
        var lambda: Double?
        /// Distortion of the training set.
        var train: Double
        /// Distortion of the test set.
        var test: Double
        /// Smallest and largest distortion of the trials: two numbers each.
        var trainRange: [Double]
        var testRange: [Double]
        /// Codewords that some training vector took.
        var codewordsUsed: Double
    }

    /// Curves over dimensions, means over trials.
    struct Curves: Codable, Sendable {
        var method: CodebookStudy.Method
        var lambda: Double?
        /// Mean squared codeword entry of each dimension.
        var codebookVariances: [Double]
        /// Mean squared error of each dimension.
        var trainDistortions: [Double]
        var testDistortions: [Double]
    }

    /// Always `codebook-study`.
    var method = "codebook-study"
    /// What was asked for, as in `CodebookStudy.Settings`.
    var trials: Int
    var trainCount: Int
    var testCount: Int
    var dimension: Int
    var codewords: Int
    var decay: Double
    /// D*: what rate-distortion theory allows, as a fraction of the total variance.
    var bound: Double
    var waterLevel: Double
    var activeDimensions: Int
    var table: [Row]
    var curves: [Curves]
    /// sigma_j^2, sigma_Cj^2 and D_j of Eq. 1 and 2.
    var sourceVariances: [Double]
    var idealCodewordVariances: [Double]
    var idealDistortions: [Double]

    /// What one trained codebook gave.
    struct Outcome {
        var trainDistortion: Double
        var testDistortion: Double
        var activeDimensions: Int
        var codewordsUsed: Int
        var codebookVariances: [Double]
        var trainDistortions: [Double]
        var testDistortions: [Double]

        func metrics(trial: Int, method: CodebookStudy.Method, lambda: Double?) -> MetricRow {
            MetricRow(
                [
                    ("trial", .integer(trial + 1)), ("method", .text(method.rawValue)),
                    ("lambda", lambda.map { .real($0) } ?? .missing), ("active-dimensions", .integer(activeDimensions)),
                    ("train-distortion", .real(trainDistortion)), ("test-distortion", .real(testDistortion)),
                    ("codewords-used", .integer(codewordsUsed)),
                ], headline: String(format: "train %.4f, test %.4f", trainDistortion, testDistortion))
        }
    }

    /// Collects the trials of one case.
    struct Accumulator {
        let method: CodebookStudy.Method
        let lambda: Double?
        private(set) var outcomes: [Outcome] = []

        init(_ method: CodebookStudy.Method, _ lambda: Double?) {
            self.method = method
            self.lambda = lambda
        }

        mutating func add(_ outcome: Outcome) { outcomes.append(outcome) }

        var row: Row {
            let (train, test) = (outcomes.map(\.trainDistortion), outcomes.map(\.testDistortion))
            return Row(
                method: method, lambda: lambda, train: mean(train), test: mean(test),
                trainRange: [train.min()!, train.max()!], testRange: [test.min()!, test.max()!],
                codewordsUsed: mean(outcomes.map { Double($0.codewordsUsed) }))
        }

        var curves: Curves {
            Curves(
                method: method, lambda: lambda, codebookVariances: means(outcomes.map(\.codebookVariances)),
                trainDistortions: means(outcomes.map(\.trainDistortions)),
                testDistortions: means(outcomes.map(\.testDistortions)))
        }

        private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

        private func means(_ rows: [[Double]]) -> [Double] {
            rows[0].indices.map { column in mean(rows.map { $0[column] }) }
        }
    }

    init(
        settings: CodebookStudy.Settings, ideal: ReverseWaterFilling, variances: [Double], results: [Accumulator]
    ) {
        trials = settings.trials
        trainCount = settings.trainCount
        testCount = settings.testCount
        dimension = settings.dimension
        codewords = settings.codewords
        decay = settings.decay
        let total = variances.reduce(0, +)
        bound = ideal.distortion / total
        waterLevel = ideal.waterLevel
        activeDimensions = ideal.active.count
        table = results.map(\.row)
        curves = results.map(\.curves)
        sourceVariances = variances
        idealCodewordVariances = variances.map { max(0, $0 - ideal.waterLevel) }
        idealDistortions = variances.map { min($0, ideal.waterLevel) }
    }
}
