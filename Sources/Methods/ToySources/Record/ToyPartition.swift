import Datasets
import Foundation
import Numerics

/// The plane as a quantizer of a 2-D source sees it: density, cells and codewords, for the picture of Fig. 2.
///
///     let partition = try ToyPartition(file: "runs/toy-boomerang/partitions/ecvq-64.safetensors")
///     partition.cell(row: 0, column: 0)                       // the codeword that encodes the lower left corner
///     partition.codewords[0]                                  // (x, y, probability)
///
/// Grid point (row, column) lies at x = bounds.x + (column + 0.5) / columns * width, y = bounds.y + (row + 0.5) / rows *
/// height: row 0 is the lowest.
package struct ToyPartition: Sendable {
    /// A point of the plane that stands for a cell.
    package struct Codeword: Sendable, Equatable {
        var x: Float
        var y: Float
        var probability: Float

        /// - Parameter probability: of its cell, 0 if it is not shown.
        package init(x: Float, y: Float, probability: Float) {
            self.x = x
            self.y = y
            self.probability = probability
        }
    }

    /// The part of the plane that is shown.
    package struct Bounds: Sendable, Equatable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double

        /// From the lower left corner (x, y), in the units of the source.
        package init(x: Double, y: Double, width: Double, height: Double) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    var bounds: Bounds
    var rows: Int
    var columns: Int
    /// Codeword of every grid point, row after row, lowest row first.
    var cells: [Int32]
    /// Probability density at every grid point, in the same order.
    var density: [Float]
    /// Every codeword; one of probability 0, whose cell no test sample fell into, is left out of the picture.
    var codewords: [Codeword]

    /// - Precondition: `cells` and `density` have rows times columns entries.
    package init(
        bounds: Bounds, rows: Int, columns: Int, cells: [Int32], density: [Float], codewords: [Codeword]
    ) {
        precondition(cells.count == rows * columns && density.count == rows * columns)
        self.bounds = bounds
        self.rows = rows
        self.columns = columns
        self.cells = cells
        self.density = density
        self.codewords = codewords
    }

    /// The codeword of a grid point.
    func cell(row: Int, column: Int) -> Int32 { cells[row * columns + column] }
}
