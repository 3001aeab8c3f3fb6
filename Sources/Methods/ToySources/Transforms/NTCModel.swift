import Datasets
import Foundation
import Neural
import Numerics

/// Nonlinear transform coding of vectors: analysis, scalar quantization, synthesis, and a learned density for the rate.
///
///     let model = NTCModel(dimension: 2, size: size, densityScale: 1, densityRateFactor: 20, seed: 1)
///     let replica = NTCReplica(model, rows: 64, batch: 256, samples: samples, seed: 1)       // one for each thread
///     replica.setObjective(lambda: 64)
///
/// Latents are kept in the source's own units: cells have the width that high-rate theory gives for lambda, so a model
/// trained for one lambda is a good start for the next.
///
/// Source: Ballé et al., "Nonlinear transform coding", 2021; NVTC paper, section 3.
package final class NTCModel {
    let dimension: Int
    /// All that is learned.
    package let parameters = ParameterSet()
    let analysis: NonlinearTransform
    let synthesis: NonlinearTransform
    /// Of the latents, for the rate.
    let density: FactorizedDensity

    /// - Parameters:
    ///   - dimension: components of a vector, and latents.
    ///   - densityScale: about how far the source's components lie from 0.
    ///   - densityRateFactor: the density's learning rate relative to the transforms'.
    ///   - seed: of the first weights.
    package init(
        dimension: Int, size: NonlinearTransform.Size, densityScale: Double, densityRateFactor: Float, seed: UInt64
    ) {
        self.dimension = dimension
        analysis = NonlinearTransform(
            dimension: dimension, size: size, name: "analysis", seed: seed, in: parameters)
        synthesis = NonlinearTransform(
            dimension: dimension, size: size, name: "synthesis", seed: seed, in: parameters)
        density = FactorizedDensity(
            dimensions: dimension, scale: densityScale, rateFactor: densityRateFactor, name: "density", in: parameters)
        parameters.initialize(seed: seed)
    }

    /// The width of a cell whose mean squared error, width^2 / 12, is optimal at high rate: bits per dimension fall by
    /// 1 / (2 ln 2 D) for each unit of D, so D = 1 / (2 ln 2 lambda).
    static func cell(lambda: Double) -> Float { Float((6 / (log(2) * lambda)).squareRoot()) }
}

/// What one thread needs to train or measure an `NTCModel`: a tape for a fixed number of rows.
package final class NTCReplica: GradientReplica {
    package let tape: Tape
    /// Of these four, a row is one vector.
    let input, latents, quantized, reconstruction: Value
    let rows: Int
    /// How latents are quantized: with noise in training, by rounding in measurements.
    let quantization = NoiseQuantization()
    let rate: FactorizedDensityOperation
    /// Sums over a micro-batch: bits, and squared error.
    let bits, distortion: Term
    private let model: NTCModel
    /// Where micro-batches come from while training.
    private let samples: ToySamples?
    private let batch: Int
    private let seed: UInt64
    /// Steps before the first of this training: fresh samples and noise for every training of a run.
    var firstStep = 0

    /// The index of the first operation that depends on how latents are quantized.
    private let firstQuantization: Int

    /// - Parameters:
    ///   - model: shared by the replicas of all threads.
    ///   - rows: items of a micro-batch.
    ///   - batch: items of all micro-batches of a step together.
    ///   - samples: nil if the input is filled by hand.
    ///   - seed: of the noise.
    ///   - trainsAnalysis: false for a replica that trains only what the decoder has, synthesis and density.
    package init(
        _ model: NTCModel, rows: Int, batch: Int, samples: ToySamples?, seed: UInt64, trainsAnalysis: Bool = true
    ) {
        self.model = model
        self.rows = rows
        self.batch = batch
        self.samples = samples
        self.seed = seed
        tape = Tape(parameters: model.parameters)
        input = tape.input(rows: rows, columns: model.dimension)
        let analyzed = model.analysis(input, on: tape)
        latents = trainsAnalysis ? analyzed : stopGradient(analyzed, on: tape)
        firstQuantization = tape.operations.count
        quantized = quantization(latents, on: tape)
        bits = tape.term("bits")
        distortion = tape.term("distortion")
        rate = model.density.rate(of: quantized, term: bits, on: tape)
        reconstruction = model.synthesis(quantized, on: tape)
        squaredError(reconstruction, input, term: distortion, on: tape)
    }

    /// Bits per dimension + lambda mean squared error per dimension, with cells for this lambda.
    package func setObjective(lambda: Double) {
        let cell = NTCModel.cell(lambda: lambda)
        quantization.step = cell
        rate.step = cell
        bits.weight = 1 / Double(batch * model.dimension)
        distortion.weight = lambda / Double(batch * model.dimension)
    }

    /// Fills the input with the samples of a micro-batch, and draws its noise.
    package func load(step: Int, microBatch: Int) throws {
        guard let samples else { preconditionFailure("a replica without samples does not train") }
        let first = (firstStep + step) * batch + microBatch * rows
        samples.fill(items: first..<first + rows, into: input.data)
        guard quantization.mode == .noise else { return }
        let random = CounterRandom(seed: seed, purpose: .quantizationNoise)
        let (columns, noise) = (latents.columns, quantization.noise.pointer)
        for row in 0..<rows {
            for column in stride(from: 0, to: columns, by: 4) {
                let words = random.words(item: first + row, draw: column / 4)
                for index in column..<min(column + 4, columns) {
                    // 24 bits, at the middle of their interval: never -1/2 or 1/2 itself.
                    noise[row * columns + index] = (Float(words[index - column] >> 8) + 0.5) * 0x1p-24 - 0.5
                }
            }
        }
    }
}

extension NTCReplica {
    /// Quantizes the latents anew and computes all that follows from them.
    func forwardFromQuantization() { tape.forward(firstQuantization..<tape.operations.count) }

    /// The squared error of the first `rows` reconstructions.
    func reconstructionError(rows: Int) -> Double {
        var sum = 0.0
        for index in 0..<rows * input.columns {
            let difference = Double(reconstruction.data[index] - input.data[index])
            sum += difference * difference
        }
        return sum
    }

    /// The integers that stand for the quantized latents of a row.
    func cell(row: Int) -> [Int] {
        (0..<latents.columns).map { column in
            let value = quantized.data[row * latents.columns + column] - quantization.offsets[column]
            return Int((value / quantization.step).rounded())
        }
    }
}
