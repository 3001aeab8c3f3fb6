// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func lloydIterationsExample(vectors: any ShardedVectors, codebook: Matrix, loop: TrainingLoop) throws {
    let passes = LloydIterations(
        vectors: vectors, owned: 0..<16, codebook: codebook, iterations: 20, update: KMeansUpdate(seed: 1), threads: 1)
    _ = try loop.run(passes)                                // on any number of ranks
    let learned = passes.codebook                           // K x dimension
}
