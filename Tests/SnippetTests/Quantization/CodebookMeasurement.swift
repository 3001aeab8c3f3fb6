// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func codebookMeasurementExample(
    codebook: EntropyConstrainedCodebook, test: any VectorDraws, loop: TrainingLoop
) throws {
    let measurement = CodebookMeasurement(codebook, draws: test, count: 1_000_000, shards: 64, threads: 1)
    _ = try loop.run(measurement)
    let bits = measurement.bitsPerDimension                 // under the code lengths from training
    let error = measurement.meanSquaredError                // per dimension
}
