// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Numerics

private func convolutionTilesExample() {
    let tiles = ConvolutionTiles(grid: PixelGrid(height: 64, width: 64, block: 4), images: 1)
    tiles.count                                             // 256 tiles of 4 x 4 outputs
    tiles.rows(of: 5)[0]                                    // the row of the pixel above and left of the sixth tile
}
