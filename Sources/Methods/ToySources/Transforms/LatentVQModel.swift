import Datasets
import Foundation
import Neural
import Numerics

/// Vector quantization between learned transforms: NT-VQ, and NT-ECVQ if the rate is constrained.
///
///     let model = LatentVQModel(dimension: 2, size: size, codebook: start, lengths: nil, rateFactor: 1, seed: 1)
///     let replica = LatentVQReplica(model, rows: 64, batch: 256, samples: samples)
///
/// The transforms start as the identity and the codebook as one that was trained on the source itself, so training begins
/// with what quantization without transforms ends with. With a codebook of the right size there is little left to gain: a
/// vector quantizer needs no transform (NVTC paper, section 3).
final class LatentVQModel {
    let dimension: Int
    let parameters = ParameterSet()
    let analysis: NonlinearTransform
    let synthesis: NonlinearTransform
    let quantization: CodebookQuantization

    /// - Parameters:
    ///   - codebook: K x dimension, trained on the source.
    ///   - lengths: bits of each codeword, or nil for unconstrained quantization.
    ///   - rateFactor: the learning rate of code lengths relative to that of the transforms.
    ///   - seed: of the first weights.
    init(
        dimension: Int, size: NonlinearTransform.Size, codebook: Matrix, lengths: [Double]?, rateFactor: Float,
        seed: UInt64
    ) {
        precondition(codebook.columns == dimension && (lengths.map { $0.count == codebook.rows } ?? true))
        self.dimension = dimension
        analysis = NonlinearTransform(dimension: dimension, size: size, name: "analysis", seed: seed, in: parameters)
        synthesis = NonlinearTransform(dimension: dimension, size: size, name: "synthesis", seed: seed, in: parameters)
        quantization = CodebookQuantization(
            codewords: codebook.rows, dimension: dimension, constrained: lengths != nil, rateFactor: rateFactor,
            name: "quantizer", in: parameters)
        parameters.initialize(seed: seed)
        quantization.codebook.values.update(from: codebook.pointer, count: codebook.count)
        if let lengths, let logits = quantization.logits {
            for (codeword, length) in lengths.enumerated() { logits.values[codeword] = Float(-length * log(2.0)) }
        }
    }
}

/// What one thread needs to train or measure a `LatentVQModel`.
final class LatentVQReplica: GradientReplica {
    let tape: Tape
    let input: Value
    let reconstruction: Value
    let quantizer: CodebookQuantizationOperation
    let rows: Int
    let bits: Term
    let distance: Term
    let distortion: Term
    private let batch: Int
    private let samples: ToySamples
    private let dimension: Int

    init(_ model: LatentVQModel, rows: Int, batch: Int, samples: ToySamples) {
        self.rows = rows
        self.batch = batch
        self.samples = samples
        dimension = model.dimension
        tape = Tape(parameters: model.parameters)
        input = tape.input(rows: rows, columns: model.dimension)
        let latents = model.analysis(input, on: tape)
        bits = tape.term("bits")
        distance = tape.term("quantization-distance")
        distortion = tape.term("distortion")
        quantizer = model.quantization(latents, bits: bits, distance: distance, on: tape)
        reconstruction = model.synthesis(quantizer.result, on: tape)
        squaredError(reconstruction, input, term: distortion, on: tape)
    }

    /// Bits per dimension + lambda (mean squared error + mean squared distance of the latents), Eq. 3 with beta = lambda;
    /// without lambda the two errors alone.
    func setObjective(lambda: Double?) {
        let numbers = Double(batch * dimension)
        bits.weight = lambda == nil ? 0 : 1 / numbers
        distance.weight = (lambda ?? 1) / numbers
        distortion.weight = (lambda ?? 1) / numbers
        quantizer.rateWeight = lambda.map { Float(1 / $0) } ?? 0
    }

    func load(step: Int, microBatch: Int) {
        let first = step * batch + microBatch * rows
        samples.fill(items: first..<first + rows, into: input.data)
    }
}
