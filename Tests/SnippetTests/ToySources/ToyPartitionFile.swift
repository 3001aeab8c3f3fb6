@testable import ToySources

// swift-format-ignore
private func toyPartitionFileExample(partition: ToyPartition) throws {
    try partition.write(to: "partitions/ecvq-64.safetensors")
    let again = try ToyPartition(file: "partitions/ecvq-64.safetensors")
    // Python: safetensors.numpy.load_file("partitions/ecvq-64.safetensors")["cells"]
}
