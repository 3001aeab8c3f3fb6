import Datasets
import Training

@testable import ToySources

// swift-format-ignore
private func latentVQMeasurementExample(replicas: [LatentVQReplica], test: ToySamples, loop: TrainingLoop) throws {
    let measurement = LatentVQMeasurement(
        replicas: replicas, samples: test, count: 1_000_000, shards: 64, codewords: 256)
    _ = try loop.run(measurement)
    measurement.counts                                      // one a codeword
}
