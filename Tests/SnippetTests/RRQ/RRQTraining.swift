import Training

@testable import RRQ

// swift-format-ignore
private func rrqTrainingExample(
    settings: RRQTraining.Settings, train: EncodedSet, test: EncodedSet, loop: TrainingLoop
) throws {
    let training = try RRQTraining(settings: settings, train: train, others: [test], seed: 1, threads: 2)
    training.keepsCodebooks = true
    let outcome = try training.run(on: loop)                // .finished, or .stopped after a signal
    training.records.last?.testPSNR                         // after the last layer
    training.codebooks[0].active                            // the first layer's active set
}
