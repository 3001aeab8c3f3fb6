// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics

private func safeTensorsExample(codebook: Matrix) throws {
    try SafeTensors.write(["codebook": Tensor(codebook)], metadata: ["seed": "7"], to: "layer.safetensors")
    let file = try SafeTensors("layer.safetensors")           // checks the header, reads no tensor
    let layer = try file.matrix("codebook")
    file.metadata["seed"]                                     // "7"
}
