import Foundation
import ImageMetrics

/// What a finished study of one toy source found: every rate-distortion point of every method, and where its files are.
///
///     let record = try JSONDecoder().decode(ToyRecord.self, from: data)
///     let ecvq = record.curve(of: .ecvq)                      // points in the order of their rates
///     ecvq.map(\.bitsPerDimension)                            // [0.486, 0.779, ...]
///
/// Source: NVTC paper, section 3 (tables 1 and 2, figure 2).
public struct ToyRecord: Codable, Equatable, Sendable {
    /// File name in the run folder: the same for every method, so that a report can tell runs apart by their `method`.
    public static let fileName = "record.json"

    /// One point of a rate-distortion curve, measured on the test samples.
    public struct Point: Codable, Equatable, Sendable {
        public var method: ToyMethod
        /// Weight of the mean squared error against bits per dimension; nil where no rate was constrained (VQ, NT-VQ).
        public var lambda: Double?
        /// Codewords asked for; nil where there is no codebook (NTC).
        public var codewords: Int?
        /// Codewords that are ever used; for NTC in two dimensions the cells that test samples fell into.
        public var alive: Int?
        public var bitsPerDimension: Double
        /// Mean squared error per dimension.
        public var meanSquaredError: Double
        /// Samples that training has seen, repeated ones counted each time.
        public var trainingSamples: Int
        /// Codebook passes or gradient steps.
        public var trainingSteps: Int
        /// File of the cells, when the point has a picture (Fig. 2).
        public var partition: String?

        public init(
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
        public var psnr: Double { PSNR.decibels(meanSquaredError: meanSquaredError) }
        /// Bits per dimension + lambda times mean squared error: what training minimises.
        public var objective: Double? { lambda.map { bitsPerDimension + $0 * meanSquaredError } }
    }

    /// Always `toy`.
    public var method = "toy"
    public var title: String
    /// Name of the source, such as `boomerang`.
    public var source: String
    public var dimension: Int
    public var testSamples: Int
    public var seed: Int
    public var points: [Point]

    public init(
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
    public func curve(of method: ToyMethod) -> [Point] {
        points.filter { $0.method == method }.sorted { $0.bitsPerDimension < $1.bitsPerDimension }
    }
}
