// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Datasets
import Training

@testable import NVTC

private func metricsExample(architecture: NVTCArchitecture) {
    NVTCMetrics.row(architecture, ["kind": .text("train"), "step": .integer(100)], headline: "step 100")
}

private func picturesExample() {
    NVTCPictures.original(0)                                // "pictures/image-01-original.png"
    NVTCPictures.reconstruction(0, lambda: 256)             // "pictures/image-01-lambda-256.png"
}

private func recordExample() throws {
    let record = try JSONFile(file: "runs/nvtc/" + NVTCRecord.fileName).decode(NVTCRecord.self)
    record.points[0].psnr                                   // dB, mean over the validation images
}
