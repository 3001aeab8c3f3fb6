// Lines stand as the doc comments have them.
// swift-format-ignore-file
import MethodKit
import Reporting

@testable import NVTC

private func curveExample(record: NVTCRecord) {
    let curve = NVTCCurve(name: "NVTC", points: record.points)
    curve.rateDistortion.rates                              // bits per pixel, lowest first
    curve.compressAI(description: "...")                    // as others publish theirs
}

private func layersExample(record: NVTCRecord) {
    let layers = NVTCLayers(record.architecture)
    layers.all[0].title                                     // "2.5 (1/16)": stage 2, layer 5, at 1/16 of the resolution
    layers.shares(record.points[0])                         // percent of the bits, a number for each layer
}

private func recordCheckExample(record: NVTCRecord) throws {
    try NVTCRecordCheck(record, file: "runs/nvtc/record.json").run()
}

private func summaryExample(run: RunContents, record: NVTCRecord, training: NVTCTraining) {
    let summary = NVTCSummary(run: run, record: record, training: training)
    summary.sentences                                       // ["λ = 512: 20,000 steps, from new weights; ...", ...]
}

private func trainingExample(metrics: RunMetrics, layers: NVTCLayers) {
    let training = NVTCTraining(metrics, layers: layers)
    training.stretches[1].lambda                            // the lambda that was trained second
    training.phases                                         // [Mark(step: 1000, label: "2 stages"), ...]
}
