import Datasets
import Numerics

@testable import ToySources

// swift-format-ignore
private func latentVQModelExample(size: NonlinearTransform.Size, start: Matrix, samples: ToySamples) throws {
    let model = LatentVQModel(dimension: 2, size: size, codebook: start, lengths: nil, rateFactor: 1, seed: 1)
    let replica = LatentVQReplica(model, rows: 64, batch: 256, samples: samples)
}
