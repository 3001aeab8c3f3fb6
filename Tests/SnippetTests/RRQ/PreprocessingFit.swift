import Training

@testable import RRQ

// swift-format-ignore
private func preprocessingFitExample(
    transform: DecorrelatingTransform, train: VectorShards, test: VectorShards, loop: TrainingLoop
) throws {
    let fit = PreprocessingFit(transform: transform, train: train, others: [test], threads: 2)
    _ = try loop.run(fit)                                   // afterwards every set is decorrelated, in place
}
