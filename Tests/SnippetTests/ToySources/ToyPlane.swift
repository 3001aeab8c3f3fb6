import Datasets

@testable import ToySources

// swift-format-ignore
private func toyPlaneExample(source: ToySource, assignments: [Int32], codewords: [ToyPartition.Codeword]) throws {
    let plane = ToyPlane(source, seed: 1)
    plane.points                                            // (rows x columns) x 2, lowest row first
    plane.partition(cells: assignments, codewords: codewords)
}
