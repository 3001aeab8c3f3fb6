import Numerics

/// A learned density for each latent dimension: the rate of integers, or of latents with uniform noise.
///
///     let density = FactorizedDensity(dimensions: 2, name: "density", in: parameters)
///     density.rate(of: noisy, term: tape.term("bits"), on: tape)
///     // term = sum over all latents of -log2 P(latent)
///
/// P(y) = c(y + step / 2) - c(y - step / 2), where the distribution function c is the sigmoid of a small network with positive
/// weights, 1 -> 3 -> 3 -> 3 -> 1: z <- softplus(H) z + b, then z <- z + tanh(a) tanh(z) except at the end. P is bounded
/// below by 1e-9; the gradient passes the bound because it always asks for more probability.
///
/// Source: Ballé, Minnen, Singh, Hwang, Johnston, "Variational image compression with a scale hyperprior", 2018,
/// appendix 6.1.
public struct FactorizedDensity: Sendable {
    /// Widths of the network, from its input to its output.
    static let widths = [1, 3, 3, 3, 1]
    static let matrixCount = 3 + 9 + 9 + 3
    static let biasCount = 3 + 3 + 3 + 1
    static let factorCount = 3 + 3 + 3
    /// No probability is smaller.
    public static let floor: Float = 1e-9

    /// How many densities: the columns of the latents.
    public let dimensions: Int
    /// H of each dimension, layer after layer, row-major: dimensions x 24.
    public let matrices: Parameter
    /// b of each dimension: dimensions x 10.
    public let biases: Parameter
    /// a of each dimension: dimensions x 9.
    public let factors: Parameter

    /// Adds the parameters `NAME.matrices`, `NAME.biases` and `NAME.factors`. Their gradients are left out of clipping: they
    /// are of another size than those of transforms.
    /// - Parameters:
    ///   - scale: about how far from 0 latents lie at the start; the density begins as a sigmoid of that width.
    ///   - rateFactor: its learning rate relative to the schedule's; densities can learn faster than transforms.
    public init(
        dimensions: Int, scale: Double = 10, rateFactor: Float = 1, name: String, in parameters: ParameterSet
    ) {
        self.dimensions = dimensions
        // The product of the four layers' gains is 1 / scale.
        let gain = power(scale, 1 / Double(Self.widths.count - 1))
        var start: [Float] = []
        for layer in 0..<Self.widths.count - 1 {
            let width = Self.widths[layer + 1]
            let value = Float(inverseSoftplus(1 / (gain * Double(width))))
            start += Array(repeating: value, count: width * Self.widths[layer])
        }
        matrices = parameters.add(
            name + ".matrices", shape: [dimensions, Self.matrixCount],
            initialization: .values((0..<dimensions).flatMap { _ in start }), rateFactor: rateFactor, isClipped: false)
        biases = parameters.add(
            name + ".biases", shape: [dimensions, Self.biasCount], initialization: .uniform(0.5),
            rateFactor: rateFactor, isClipped: false)
        factors = parameters.add(
            name + ".factors", shape: [dimensions, Self.factorCount], initialization: .constant(0),
            rateFactor: rateFactor, isClipped: false)
    }

    /// Adds the bits of latents to the objective. A density is used once on a tape.
    /// - Parameters:
    ///   - latents: rows x dimensions.
    ///   - term: becomes the sum of their bits.
    /// - Returns: the operation, whose `step` is the width of a cell, 1 unless it is set.
    @discardableResult
    public func rate(of latents: Value, term: Term, on tape: Tape) -> FactorizedDensityOperation {
        let operation = FactorizedDensityOperation(self, latents, term)
        tape.record(operation)
        return operation
    }
}

/// The bits of a batch of latents under a `FactorizedDensity`, and their gradients.
public final class FactorizedDensityOperation: Operation {
    /// The width of a cell of the latents.
    public var step: Float = 1
    private let density: FactorizedDensity
    private let latents: Value
    private let term: Term
    private let chain: DensityChain

    init(_ density: FactorizedDensity, _ latents: Value, _ term: Term) {
        precondition(latents.columns == density.dimensions)
        self.density = density
        self.latents = latents
        self.term = term
        chain = DensityChain()
    }

    public var inputs: [Value] { [latents] }
    public var output: Value? { nil }
    public var parameters: [Parameter] { [density.matrices, density.biases, density.factors] }

    public func forward() { term.value = bits(rows: latents.rows) }

    /// The bits of the first `rows` rows of latents.
    public func bits(rows: Int) -> Double {
        var bits = 0.0
        for dimension in 0..<density.dimensions {
            load(dimension)
            forEachGroup(of: rows) { row, count in
                let probability = chain.probability(of: gather(row, count, dimension))
                for lane in 0..<count { bits -= Double(probability[lane]).logarithm2 }
            }
        }
        return bits
    }

    public func backward(_ pass: borrowing BackwardPass) {
        let (matrices, biases) = (pass.target(of: density.matrices), pass.target(of: density.biases))
        let factors = pass.target(of: density.factors)
        precondition(!matrices.accumulate, "a density is used once on a tape")
        let weight = Float(term.weight)
        let target = latents.needsGradient ? pass.target(of: latents) : nil
        for dimension in 0..<density.dimensions {
            load(dimension)
            chain.clearGradients()
            forEachGroup(of: latents.rows) { row, count in
                let slope = chain.backward(of: gather(row, count, dimension), weight: weight, lanes: count)
                guard let target else { return }
                for lane in 0..<count {
                    let index = (row &+ lane) &* latents.columns &+ dimension
                    target.pointer[index] = slope[lane] + (target.accumulate ? target.pointer[index] : 0)
                }
            }
            chain.writeGradients(
                matrices: matrices.pointer + dimension * FactorizedDensity.matrixCount,
                biases: biases.pointer + dimension * FactorizedDensity.biasCount,
                factors: factors.pointer + dimension * FactorizedDensity.factorCount)
        }
    }

    private func load(_ dimension: Int) {
        chain.halfStep = step / 2
        chain.load(
            matrices: density.matrices.values + dimension * FactorizedDensity.matrixCount,
            biases: density.biases.values + dimension * FactorizedDensity.biasCount,
            factors: density.factors.values + dimension * FactorizedDensity.factorCount)
    }

    /// Rows in groups of a register; the last may be shorter.
    private func forEachGroup(of rows: Int, _ body: (_ row: Int, _ count: Int) -> Void) {
        for row in stride(from: 0, to: rows, by: Lanes.scalarCount) {
            body(row, min(Lanes.scalarCount, rows - row))
        }
    }

    private func gather(_ row: Int, _ count: Int, _ dimension: Int) -> Lanes {
        var lanes = Lanes(repeating: 0)
        for lane in 0..<count { lanes[lane] = latents.data[(row &+ lane) &* latents.columns &+ dimension] }
        return lanes
    }
}
