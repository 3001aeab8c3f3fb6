// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func metricRowExample() {
    let row = MetricRow([("layer", .integer(3)), ("train-distortion", .real(0.5))])
    row.json                                // {"layer": 3, "train-distortion": 0.5}
    row.csv                                 // 3,0.5
}
