import Foundation
import Numerics

/// The distribution function of one latent dimension, for a register of latents at a time, with its gradients.
///
///     chain.load(matrices: matrices, biases: biases, factors: factors)
///     let probability = chain.probability(of: latents)
///     let slope = chain.backward(of: latents, weight: 1, lanes: 8)
///
/// Everything lives in buffers that are allocated once; the layers' widths are fixed.
final class DensityChain {
    /// Half the width of a cell.
    var halfStep: Float = 0.5
    private let widths = FactorizedDensity.widths
    private let layers = FactorizedDensity.widths.count - 1
    /// softplus(H) and its derivative, b, tanh(a) and its derivative, as plain numbers.
    private let weights = AlignedBuffer<Float>(count: FactorizedDensity.matrixCount)
    private let weightSlopes = AlignedBuffer<Float>(count: FactorizedDensity.matrixCount)
    private let biases = AlignedBuffer<Float>(count: FactorizedDensity.biasCount)
    private let gates = AlignedBuffer<Float>(count: FactorizedDensity.factorCount)
    private let gateSlopes = AlignedBuffer<Float>(count: FactorizedDensity.factorCount)
    /// Sums over latents of the gradients, a register each.
    private let weightGradients = AlignedBuffer<Lanes>(count: FactorizedDensity.matrixCount)
    private let biasGradients = AlignedBuffer<Lanes>(count: FactorizedDensity.biasCount)
    private let gateGradients = AlignedBuffer<Lanes>(count: FactorizedDensity.factorCount)
    /// Inputs of each layer, and tanh of its result before the gate.
    private let states = [
        AlignedBuffer<Lanes>(count: FactorizedDensity.biasCount + 1),
        AlignedBuffer<Lanes>(count: FactorizedDensity.biasCount + 1),
    ]
    private let tangents = [
        AlignedBuffer<Lanes>(count: FactorizedDensity.factorCount),
        AlignedBuffer<Lanes>(count: FactorizedDensity.factorCount),
    ]
    private let slopes = AlignedBuffer<Lanes>(count: 8)

    func load(matrices: UnsafePointer<Float>, biases from: UnsafePointer<Float>, factors: UnsafePointer<Float>) {
        for index in 0..<weights.count {
            let value = matrices[index]
            weights[index] = value > 20 ? value : log1p(exp(value))
            weightSlopes[index] = 1 / (1 + exp(-value))
        }
        for index in 0..<biases.count { biases[index] = from[index] }
        for index in 0..<gates.count {
            gates[index] = tanh(factors[index])
            gateSlopes[index] = 1 - gates[index] * gates[index]
        }
    }

    /// P of each latent, at least `FactorizedDensity.floor`.
    func probability(of latents: Lanes) -> Lanes {
        let lower = logit(latents - Lanes(repeating: halfStep), side: 0)
        let upper = logit(latents + Lanes(repeating: halfStep), side: 1)
        return probability(lower, upper)
    }

    /// Adds the gradients of weight * bits and returns that of each latent. Lanes from `lanes` on do not count.
    func backward(of latents: Lanes, weight: Float, lanes: Int) -> Lanes {
        let lower = logit(latents - Lanes(repeating: halfStep), side: 0)
        let upper = logit(latents + Lanes(repeating: halfStep), side: 1)
        var scale = Lanes(repeating: -weight * 1.442_695_04) / probability(lower, upper)
        for lane in lanes..<max(lanes, Lanes.scalarCount) { scale[lane] = 0 }
        return logitBackward(-scale * sigmoidSlope(lower), side: 0)
            + logitBackward(scale * sigmoidSlope(upper), side: 1)
    }

    func clearGradients() {
        weightGradients.zero()
        biasGradients.zero()
        gateGradients.zero()
    }

    /// Hands over the sums, carried back through softplus and tanh.
    func writeGradients(
        matrices: UnsafeMutablePointer<Float>, biases: UnsafeMutablePointer<Float>, factors: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<weights.count { matrices[index] = weightGradients[index].sum() * weightSlopes[index] }
        for index in 0..<self.biases.count { biases[index] = biasGradients[index].sum() }
        for index in 0..<gates.count { factors[index] = gateGradients[index].sum() * gateSlopes[index] }
    }

    // MARK: One side of the bin

    private func logit(_ x: Lanes, side: Int) -> Lanes {
        let (state, tangent) = (states[side].pointer, tangents[side].pointer)
        state[0] = x
        var (input, matrix, bias) = (0, 0, 0)
        for layer in 0..<layers {
            let (fan, width) = (widths[layer], widths[layer + 1])
            for output in 0..<width {
                var sum = Lanes(repeating: biases.pointer[bias + output])
                for source in 0..<fan {
                    sum = multiplyAdd(
                        state[input + source], Lanes(repeating: weights.pointer[matrix + output * fan + source]),
                        plus: sum)
                }
                if layer < layers - 1 {
                    let bent = hyperbolicTangent(sum)
                    tangent[bias + output] = bent
                    sum = multiplyAdd(bent, Lanes(repeating: gates.pointer[bias + output]), plus: sum)
                }
                state[input + fan + output] = sum
            }
            input += fan
            matrix += fan * width
            bias += width
        }
        return state[input]
    }

    private func logitBackward(_ gradient: Lanes, side: Int) -> Lanes {
        let (state, tangent) = (states[side].pointer, tangents[side].pointer)
        let slope = slopes.pointer
        slope[0] = gradient
        var (input, matrix, bias) = (
            FactorizedDensity.biasCount, FactorizedDensity.matrixCount, FactorizedDensity.biasCount
        )
        for layer in (0..<layers).reversed() {
            let (fan, width) = (widths[layer], widths[layer + 1])
            input -= fan
            matrix -= fan * width
            bias -= width
            for source in 0..<fan { slope[4 + source] = Lanes(repeating: 0) }
            for output in 0..<width {
                var inner = slope[output]
                if layer < layers - 1 {
                    let bent = tangent[bias + output]
                    gateGradients.pointer[bias + output] += inner * bent
                    inner *= Lanes(repeating: 1) + Lanes(repeating: gates.pointer[bias + output]) * (1 - bent * bent)
                }
                biasGradients.pointer[bias + output] += inner
                for source in 0..<fan {
                    let index = matrix + output * fan + source
                    weightGradients.pointer[index] += inner * state[input + source]
                    slope[4 + source] += inner * Lanes(repeating: weights.pointer[index])
                }
            }
            for source in 0..<fan { slope[source] = slope[4 + source] }
        }
        return slope[0]
    }

    // MARK: Bin

    /// The difference of two sigmoids, taken on the side on which they are small and therefore exact.
    private func probability(_ lower: Lanes, _ upper: Lanes) -> Lanes {
        let mirrored = (lower + upper) .> Lanes(repeating: 0)
        let (a, b) = (upper.replacing(with: -lower, where: mirrored), lower.replacing(with: -upper, where: mirrored))
        let difference = sigmoid(a) - sigmoid(b)
        let floor = Lanes(repeating: FactorizedDensity.floor)
        return difference.replacing(with: floor, where: .!(difference .> floor))
    }

    private func sigmoid(_ x: Lanes) -> Lanes { 1 / (1 + exponential(-x)) }

    private func sigmoidSlope(_ x: Lanes) -> Lanes {
        let value = sigmoid(x)
        return value * (1 - value)
    }

    private func hyperbolicTangent(_ x: Lanes) -> Lanes { 1 - 2 / (1 + exponential(2 * x)) }
}

/// The matrix entry whose softplus is `value`.
func inverseSoftplus(_ value: Double) -> Double { log(expm1(value)) }

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

extension Double {
    var logarithm2: Double { log2(self) }
}
