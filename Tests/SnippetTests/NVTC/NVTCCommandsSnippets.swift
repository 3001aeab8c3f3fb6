// Lines stand as the doc comments have them.
// swift-format-ignore-file
@testable import NVTC

private func exportExample() throws {
    if let models = try NVTCExport(inputs: ["runs/nvtc"]) { try models.write(to: "exported", overwriting: false) }
}
