// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

private func runFilesExample(marker: RunMarker) throws {
    let files = try RunFiles.files(of: marker, in: "runs/faces")        // ["config.yaml", "metrics.csv" ...]
    for file in files { try RunFiles.remove("runs/faces/" + file) }
}
