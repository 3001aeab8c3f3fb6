import Datasets
import Foundation
import Numerics

/// The part of the plane that a 2-D source fills, as a grid on which cells are drawn.
///
///     let plane = ToyPlane(source, seed: 1)
///     plane.points                                            // (rows x columns) x 2, lowest row first
///     plane.partition(cells: assignments, codewords: codewords)
///
/// The bounds leave out a thousandth of the samples at each side and are the same for every method, so that pictures can
/// be compared.
struct ToyPlane {
    let bounds: ToyPartition.Bounds
    let rows: Int
    let columns: Int
    /// Grid points, row after row.
    let points: Matrix
    private let source: ToySource

    /// - Parameter resolution: grid points on the longer side.
    init(_ source: ToySource, seed: UInt64, resolution: Int = 480) {
        precondition(source.dimension == 2)
        self.source = source
        let count = 20_000
        let samples = Matrix(rows: count, columns: 2)
        ToySamples(source, seed: seed, set: .test).fill(items: 0..<count, into: samples.pointer)
        func range(_ column: Int) -> (low: Double, length: Double) {
            let sorted = (0..<count).map { Double(samples[$0, column]) }.sorted()
            let (low, high) = (sorted[count / 1000], sorted[count - 1 - count / 1000])
            let margin = 0.06 * (high - low)
            return (low - margin, high - low + 2 * margin)
        }
        let (x, y) = (range(0), range(1))
        bounds = .init(x: x.low, y: y.low, width: x.length, height: y.length)
        let spacing = max(x.length, y.length) / Double(resolution)
        rows = max(2, Int((y.length / spacing).rounded()))
        columns = max(2, Int((x.length / spacing).rounded()))
        points = Matrix(rows: rows * columns, columns: 2)
        for row in 0..<rows {
            for column in 0..<columns {
                points[row * columns + column, 0] = Float(x.low + (Double(column) + 0.5) / Double(columns) * x.length)
                points[row * columns + column, 1] = Float(y.low + (Double(row) + 0.5) / Double(rows) * y.length)
            }
        }
    }

    func partition(cells: [Int32], codewords: [ToyPartition.Codeword]) -> ToyPartition {
        let density = (0..<points.rows).map { Float(source.density(Double(points[$0, 0]), Double(points[$0, 1]))) }
        return ToyPartition(
            bounds: bounds, rows: rows, columns: columns, cells: cells, density: density, codewords: codewords)
    }
}
