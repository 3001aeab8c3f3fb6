import Datasets

@testable import ToySources

// swift-format-ignore
private func ntcModelExample(size: NonlinearTransform.Size, samples: ToySamples) throws {
    let model = NTCModel(dimension: 2, size: size, densityScale: 1, densityRateFactor: 20, seed: 1)
    let replica = NTCReplica(model, rows: 64, batch: 256, samples: samples, seed: 1)       // one for each thread
    replica.setObjective(lambda: 64)
}
