import Quantization

@testable import RRQ

// swift-format-ignore
private func codebookSelectionExample() throws {
    let selection = try CodebookSelection(inputs: ["runs/faces"], layers: nil)
    selection.layers                                        // [1, 2, ..., 100]
    let codebook = try selection.read(layer: 7)
    codebook.dimension                                      // 32256
}
