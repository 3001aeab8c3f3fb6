import Foundation
import ImageMetrics

/// What a finished study of one toy source found: every rate-distortion point of every method, and the names of its files.
///
///     let record = try JSONDecoder().decode(ToyRecord.self, from: data)
///     let ecvq = record.curve(of: .ecvq)                      // points in the order of their rates
///     ecvq.map(\.bitsPerDimension)                            // [0.486, 0.779, ...]
///
/// Source: NVTC paper, section 3 (tables 1 and 2, figure 2).
public struct ToyRecord: Codable, Equatable, Sendable {
    /// File name in the run folder: the same for every method, so that a report can tell runs apart by their `method`.
    static let fileName = "record.json"

    /// One point of a rate-distortion curve, measured on the test samples.
    public struct Point: Codable, Equatable, Sendable {
        var method: ToyMethod
        /// Weight of the mean squared error against bits per dimension; nil if no rate was constrained (VQ, NT-VQ).
        var lambda: Double?
        /// Codewords asked for; nil if there is no codebook (NTC).
        var codewords: Int?
        /// Codewords that are ever used; for NTC in two dimensions the cells that test samples fell into.
        var alive: Int?
        /// Rate of the test samples under the code lengths from training.
        var bitsPerDimension: Double
        /// Mean squared error per dimension.
        var meanSquaredError: Double
        /// Samples that training has seen, repeated ones counted each time.
        var trainingSamples: Int
        /// Codebook passes or gradient steps.
        var trainingSteps: Int
        /// File of the cells, when the point has a picture (Fig. 2).
        var partition: String?

        init(
            method: ToyMethod, lambda: Double? = nil, codewords: Int? = nil, alive: Int? = nil,
            bitsPerDimension: Double,
            meanSquaredError: Double, trainingSamples: Int, trainingSteps: Int, partition: String? = nil
        ) {
            self.method = method
            self.lambda = lambda
            self.codewords = codewords
            self.alive = alive
            self.bitsPerDimension = bitsPerDimension
            self.meanSquaredError = meanSquaredError
            self.trainingSamples = trainingSamples
            self.trainingSteps = trainingSteps
            self.partition = partition
        }

        /// -10 log10 of the mean squared error, in dB; nothing is normalized.
        var psnr: Double { PSNR.decibels(meanSquaredError: meanSquaredError) }
        /// Bits per dimension + lambda times mean squared error: what training minimizes.
        var objective: Double? { lambda.map { bitsPerDimension + $0 * meanSquaredError } }
    }

    /// Always `toy`.
    var method = "toy"
    var title: String
    /// Name of the source, such as `boomerang`.
    var source: String
    var dimension: Int
    var testSamples: Int
    var seed: Int
    var points: [Point]

    init(
        title: String, source: String, dimension: Int, testSamples: Int, seed: Int, points: [Point]
    ) {
        self.title = title
        self.source = source
        self.dimension = dimension
        self.testSamples = testSamples
        self.seed = seed
        self.points = points
    }

    /// The points of one method, lowest rate first.
    func curve(of method: ToyMethod) -> [Point] {
        points.filter { $0.method == method }.sorted { $0.bitsPerDimension < $1.bitsPerDimension }
    }
}
