import Quantization

@testable import RRQ

// swift-format-ignore
private func codebookFileExample(trained: SparseCodebook) throws {
    try CodebookFile.write(trained, layer: 1, to: "codebooks/layer-0001.safetensors")
    let codebook = try CodebookFile.read("codebooks/layer-0001.safetensors")
}
