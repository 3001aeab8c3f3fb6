// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func metricFilesExample(row: MetricRow) throws {
    let metrics = MetricFiles(folder: "runs/faces")
    try metrics.keep(rows: 120)                             // of an interrupted run; later rows are cut off
    try metrics.append(row)
    try metrics.sync()                                      // before anything that counts the rows
}
