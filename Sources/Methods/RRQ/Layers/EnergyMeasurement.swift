import Numerics
import Training

/// What there is to quantize: the variance of every dimension of the training vectors, and the energy of every set, before
/// any layer.
final class EnergyMeasurement: TrainingMethod {
    /// Of the training vectors, one per dimension; empty before the step.
    private(set) var variances: [Double] = []
    /// The summed squares of every set, the training set first; empty before the step.
    private(set) var energies: [Double] = []

    private let train: VectorShards
    private let sets: [EncodedSet]
    private let squares: SumsField
    private let errors: SumsTable
    let layout: StatisticsLayout

    /// - Parameter sets: all of them, the training set first.
    init(train: VectorShards, sets: [EncodedSet]) {
        self.train = train
        self.sets = sets
        var layout = StatisticsLayout()
        squares = layout.addSums(train.dimension)
        errors = layout.addTable(rows: sets.count, columns: EncodedSet.Errors.count)
        self.layout = layout
    }

    var phase: String { "variances" }
    var isFinished: Bool { !energies.isEmpty }
    var progress: Double { isFinished ? 1 : 0 }

    func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        try train.memory.check()
        addSquares(of: train[shard], to: statistics[squares])
        for (number, set) in sets.enumerated() { set.measure(shard: shard, into: statistics[errors[number]]) }
    }

    func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        variances = total[squares].map { $0 / Double(train.count) }
        guard variances.allSatisfy(\.isFinite) else {
            throw LloydError.notFinite(what: "a variance of the training data", phase: phase)
        }
        energies = sets.indices.map { total[errors[$0]][EncodedSet.Errors.squared] }
        guard energies[0] > 0 else {
            throw LloydError.unusable(
                key: "data", problem: "all training vectors are the same: there is nothing to quantize",
                remedy: "check that the data set is the one you meant")
        }
        // Squares of still smaller numbers leave Float's range, and codewords would be chosen at random.
        let meanSquare = energies[0] / Double(train.count) / Double(train.dimension)
        guard meanSquare >= 0x1p-100 else {
            throw LloydError.unusable(
                key: "data",
                problem:
                    "the training vectors differ from their mean by only \(meanSquare.squareRoot()) (root mean square "
                    + "of a component): squares of such small numbers leave the range of 32-bit floats",
                remedy: "multiply all values by the same power of two, such as array * 2.0**60, which loses nothing; "
                    + "distortions are relative and stay the same")
        }
        return nil
    }
}
