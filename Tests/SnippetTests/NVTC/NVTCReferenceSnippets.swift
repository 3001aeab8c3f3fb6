// Lines stand as the doc comments have them.
// swift-format-ignore-file
import Datasets
import Foundation

@testable import NVTC

private func parityCheckExample() throws {
    let check = try ParityCheck(ParityFolder("nvtc-tiny"))
    let results = try check.run()
    results["full"]?.loss                                   // relative error of the loss
}

private func parityFolderExample() throws {
    let folder = try ParityFolder("nvtc-tiny")
    folder.phases.map(\.name)                               // ["full", "init_all", "init_stage3_only"]
    try folder.indices("full", stage: 0, layer: 0)          // codewords, blocks x positions
}

private func referenceWeightsExample(model: NVTCModel) throws {
    try SafeTensors.write(ReferenceWeights.tensors(of: model), to: "weights.safetensors")
    try ReferenceWeights.load(SafeTensors("weights.safetensors"), into: model)
}
