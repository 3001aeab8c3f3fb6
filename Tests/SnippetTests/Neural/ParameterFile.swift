// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func parameterFileExample(parameters: ParameterSet) throws {
    try SafeTensors.write(parameters.tensors(), metadata: ["step": "8000"], to: "model.safetensors")
    try parameters.load(from: SafeTensors("model.safetensors"))
    // Python: safetensors.numpy.load_file("model.safetensors")["analysis.entry.weight"]
}
