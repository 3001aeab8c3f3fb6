import Datasets
import Training

@testable import ToySources

// swift-format-ignore
private func ntcMeasurementExample(replicas: [NTCReplica], test: ToySamples, loop: TrainingLoop) throws {
    let measurement = NTCMeasurement(
        phase: "measure", replicas: replicas, samples: test, count: 1_000_000, shards: 64, offsets: [[0, 0]])
    _ = try loop.run(measurement)
    measurement.results[0].bitsPerDimension
}
