import Reporting

@testable import ToySources

// swift-format-ignore
private func partitionChartExample(path: String) throws {
    let chart = PartitionChart(title: "ECVQ, λ = 16", partition: try ToyPartition(file: path))
    let document = chart.svg()
}
