import Datasets
import Messaging
import Numerics

@testable import Stepping
@testable import Training

func runFilesExample(marker: RunMarker) throws {
    let files = try RunFiles.files(of: marker, in: "runs/faces")        // ["config.yaml", "metrics.csv" ...]
    for file in files { try RunFiles.remove("runs/faces/" + file) }
}
