// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func cellBoundariesExample(labels: [Int32]) throws {
    let boundaries = CellBoundaries(cells: labels, rows: 512, columns: 512)
    boundaries.paths[0]  // points (column, row), in grid steps from the lower left
}
