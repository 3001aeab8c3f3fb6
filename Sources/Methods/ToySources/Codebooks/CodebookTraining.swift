import Datasets
import Foundation
import Quantization
import Training

/// Trains codebooks on the source itself: for the curves of VQ and ECVQ, and as starts of NT-VQ and NT-ECVQ.
struct CodebookTraining {
    let settings: ToySettings
    let source: ToySource
    let shards: Int

    struct Trained {
        var codebook: EntropyConstrainedCodebook
        /// Samples that passes have seen, repeated ones counted each time.
        var samples: Int
        var passes: Int
    }

    /// The codebook of a target.
    /// - Returns: nil if a signal stopped the training.
    /// - Throws: `LloydError` for a target that cannot be reached with the samples there are.
    func train(_ target: CodebookTarget, _ loop: TrainingLoop) throws -> Trained? {
        switch target {
        case .lambda(let lambda): try entropyConstrained(lambda: lambda, loop)
        case .codewords(let codewords): try unconstrained(codewords: codewords, loop)
        }
    }

    /// The codebook of ECVQ for a lambda.
    private func entropyConstrained(lambda: Double, _ loop: TrainingLoop) throws -> Trained? {
        let training = try ECVQTraining(
            draws: ToySamples(source, seed: settings.seed, set: .train), settings: ecvqSettings(lambda),
            seed: settings.seed, shards: shards, threads: loop.reduction.team.threads)
        guard try loop.run(training) == .finished, let result = training.result else { return nil }
        return Trained(codebook: result.codebook, samples: result.vectors, passes: result.passes)
    }

    private func ecvqSettings(_ lambda: Double) -> ECVQTraining.Settings {
        var ecvq = ECVQTraining.Settings(lambda: lambda)
        ecvq.codewords = settings.ecvq.codewords
        ecvq.vectors = settings.ecvq.samples
        ecvq.finalVectors = settings.ecvq.finalSamples
        ecvq.passes = settings.ecvq.passes
        ecvq.symmetric = source.dimension > 2
        return ecvq
    }

    /// A K-means codebook, with the shares of training samples as probabilities.
    private func unconstrained(codewords: Int, _ loop: TrainingLoop) throws -> Trained? {
        let samples = KeptSamples(
            ToySamples(source, seed: settings.seed, set: .train), count: settings.vq.samples, shards: shards,
            owned: loop.reduction.owned)
        let training = try LloydTraining(
            vectors: samples,
            settings: .init(
                codewords: codewords, iterations: settings.vq.iterations, tolerance: 1e-6, initialization: .plusPlus),
            update: KMeansUpdate(seed: settings.seed), seed: settings.seed)
        guard let passes = try training.run(on: loop) else { return nil }
        // Half a count more for each codeword, so that whatever a test sample takes can be coded.
        let total = passes.counts.reduce(0) { $0 + $1 + 0.5 }
        return Trained(
            codebook: EntropyConstrainedCodebook(
                codewords: passes.codebook, probabilities: passes.counts.map { ($0 + 0.5) / total }, lambda: nil),
            samples: settings.vq.samples * passes.iteration, passes: passes.iteration)
    }
}
