// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func ecvqTrainingExample(draws: any VectorDraws, test: any VectorDraws, loop: TrainingLoop) throws {
    let training = try ECVQTraining(draws: draws, settings: .init(lambda: 64), seed: 1, shards: 64, threads: 1)
    _ = try loop.run(training)                              // on any number of ranks
    guard let result = training.result else { return }      // a signal stopped it
    let codebook = result.codebook                          // what lives: codewords, probabilities, code lengths
    _ = try loop.run(CodebookMeasurement(codebook, draws: test, count: 1_000_000, shards: 64, threads: 1))
}
