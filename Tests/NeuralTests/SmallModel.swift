import Neural
import Numerics

/// A model that uses every operation once: transforms, a residual connection used twice, noise, density, two losses.
final class SmallModel {
    let parameters = ParameterSet()
    let tape: Tape
    let input: Value
    let noise = NoiseQuantization()
    let bits: Term
    let distortion: Term
    static let (rows, dimension, width, hidden) = (13, 3, 20, 24)

    init(seed: UInt64 = 5, frozenStart: Bool = false) {
        let (dimension, width) = (Self.dimension, Self.width)
        let entry = Linear(inputs: dimension, outputs: width, name: "entry", in: parameters)
        let first = ResidualBlock(width: width, hidden: Self.hidden, name: "block.0", in: parameters)
        let second = ResidualBlock(width: width, hidden: width, residualGain: 2, name: "block.1", in: parameters)
        let exit = Linear(inputs: width, outputs: dimension, name: "exit", in: parameters)
        let density = FactorizedDensity(dimensions: dimension, scale: 1, name: "density", in: parameters)
        let decoder = Linear(inputs: dimension, outputs: dimension, name: "decoder", in: parameters)
        parameters.initialize(seed: seed)
        // Gates of the density start at 0; away from it their gradients can be told from none.
        for index in 0..<density.factors.count { density.factors.values[index] = 0.1 * Float(index % 5) - 0.2 }
        tape = Tape(parameters: parameters)
        input = tape.input(rows: Self.rows, columns: dimension)
        let wide = entry(input, on: tape)
        let start = frozenStart ? stopGradient(wide, on: tape) : wide
        let latents = exit(second(first(start, on: tape), on: tape), on: tape)
        let noisy = noise(latents, on: tape)
        bits = tape.term("bits")
        density.rate(of: noisy, term: bits, on: tape).step = 0.5
        distortion = tape.term("distortion")
        squaredError(decoder(noisy, on: tape), latents, term: distortion, on: tape)
        noise.step = 0.5
        bits.weight = 0.01
        distortion.weight = 0.3
        let random = CounterRandom(seed: seed, purpose: .test)
        random.normals(item: 0, into: UnsafeMutableBufferPointer(start: input.data, count: input.count))
        for index in 0..<noise.noise.count { noise.noise[index] = Float(random.uniform(item: 1, draw: index)) - 0.5 }
    }

    func gradient() -> [Float] {
        tape.forward()
        var gradient = [Float](repeating: .nan, count: parameters.count)
        gradient.withUnsafeMutableBufferPointer { tape.backward(into: $0.baseAddress!) { _ in } }
        return gradient
    }

    func objective() -> Double {
        tape.forward()
        return tape.objective
    }
}
