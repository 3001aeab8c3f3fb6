// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func runFolderExample(text: String, row: MetricRow) throws {
    let folder = try RunFolder.claim("runs/faces", for: .start, version: "0.1.0")   // nothing is changed yet
    // config, data and models are opened and checked here
    try folder.begin(fingerprints: ["config": "2f1c"])
    try folder.write(text, to: "config.yaml", asPreparation: true)
    try folder.append(row)                                  // metrics.jsonl and metrics.csv
    folder.release()
}
