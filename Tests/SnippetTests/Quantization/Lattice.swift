// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func latticeExample(vector: UnsafePointer<Double>, point: inout [Int32]) {
    let lattice = Lattice(dimension: 8)                     // E8
    lattice.nearest(vector, to: &point)                     // integer coordinates
    let edge = lattice.edge(forLambda: 16)                  // how far to scale it
    let points = lattice.points(within: 16, limit: 100_000) // all whose integer coordinates' squares sum to <= 16
}
