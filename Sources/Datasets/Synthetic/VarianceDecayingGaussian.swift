import Foundation
import Numerics

/// Independent Gaussian components whose variances decay exponentially: the source of RRQ's Table I.
///
///     let train = VarianceDecayingGaussian(
///         count: 1000, dimension: 1000, decay: 0.01, seed: 1, purpose: .syntheticTrain)
///     try train.read(0, into: vectors.row(0))       // component j (from 1) has variance exp(-0.01 j)
///     train.variances[0]                            // exp(-0.01)
///
/// Each vector is drawn by its index, so any rank can draw any of them.
///
/// Source: Ferdowsi, Voloshynovskiy, Kostadinov, "Regularized residual quantization", section IV; the decay was found
/// by search, as the paper does not state it.
public struct VarianceDecayingGaussian: VectorSource {
    public let count: Int
    public let dimension: Int
    /// The rate of the decay.
    public let decay: Double
    public let name: String
    /// The variance of every component.
    public let variances: [Double]
    private let deviations: [Float]
    private let random: CounterRandom

    /// - Parameters:
    ///   - count: vectors of the source.
    ///   - dimension: components of a vector.
    ///   - decay: the rate of the decay: component j (from 1) has variance exp(-decay j).
    ///   - seed: the seed of the random numbers.
    ///   - purpose: `.syntheticTrain` or `.syntheticTest`, which never share a number.
    public init(
        count: Int, dimension: Int, decay: Double = 0.01, seed: UInt64, purpose: RandomPurpose = .syntheticTrain
    ) {
        precondition(count >= 0 && dimension > 0 && decay.isFinite)
        self.count = count
        self.dimension = dimension
        self.decay = decay
        name = "Gaussian source with variances exp(-\(decay) j), seed \(seed)"
        variances = (1...dimension).map { exp(-decay * Double($0)) }
        deviations = variances.map { Float($0.squareRoot()) }
        random = CounterRandom(seed: seed, purpose: purpose)
    }

    public func itemName(_ index: Int) -> String { "vector \(index) of the \(name)" }

    public func read(_ index: Int, into destination: UnsafeMutableBufferPointer<Float>) throws {
        precondition(index >= 0 && index < count && destination.count == dimension)
        random.normals(item: index, into: destination)
        deviations.withUnsafeBufferPointer { deviations in
            for component in 0..<dimension { destination[component] *= deviations[component] }
        }
    }
}
