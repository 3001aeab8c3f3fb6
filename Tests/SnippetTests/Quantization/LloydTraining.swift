// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func lloydTrainingExample(vectors: any ShardedVectors, loop: TrainingLoop) throws {
    let training = try LloydTraining(
        vectors: vectors, settings: .init(codewords: 256, iterations: 20), update: KMeansUpdate(seed: 1), seed: 1)
    let passes = try training.run(on: loop)                 // nil if a signal stopped it
    let codebook = passes?.codebook                         // K x dimension
}
