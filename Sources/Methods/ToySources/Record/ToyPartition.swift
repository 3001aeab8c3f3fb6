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
public struct ToyPartition: Sendable {
    public struct Codeword: Sendable, Equatable {
        public var x: Float
        public var y: Float
        public var probability: Float

        public init(x: Float, y: Float, probability: Float) {
            self.x = x
            self.y = y
            self.probability = probability
        }
    }

    /// The part of the plane that is shown.
    public struct Bounds: Sendable, Equatable {
        public var x: Double
        public var y: Double
        public var width: Double
        public var height: Double

        public init(x: Double, y: Double, width: Double, height: Double) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    public var bounds: Bounds
    public var rows: Int
    public var columns: Int
    /// Codeword of every grid point, row after row, lowest row first.
    public var cells: [Int32]
    /// Probability density at every grid point, in the same order.
    public var density: [Float]
    /// Codewords that are used, cells that no test sample fell into left out of the picture by their probability 0.
    public var codewords: [Codeword]

    public init(
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

    public func cell(row: Int, column: Int) -> Int32 { cells[row * columns + column] }
}
