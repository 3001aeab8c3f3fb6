import Datasets
import Foundation
import Numerics
import Stepping
import Training

@testable import Neural

func parameterFileExample(parameters: ParameterSet) throws {
    try SafeTensors.write(parameters.tensors(), metadata: ["step": "8000"], to: "model.safetensors")
    try parameters.load(from: SafeTensors("model.safetensors"))
    // Python: safetensors.numpy.load_file("model.safetensors")["analysis.entry.weight"]
}
