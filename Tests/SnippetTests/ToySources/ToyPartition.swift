@testable import ToySources

// swift-format-ignore
private func toyPartitionExample() throws {
    let partition = try ToyPartition(file: "runs/toy-boomerang/partitions/ecvq-64.safetensors")
    partition.cell(row: 0, column: 0)                       // the codeword that encodes the lower left corner
    partition.codewords[0]                                  // (x, y, probability)
}
