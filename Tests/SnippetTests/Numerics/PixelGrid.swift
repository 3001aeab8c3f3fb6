// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func pixelGridExample() {
    let grid = PixelGrid(height: 64, width: 64, block: 4)
    grid.row(y: 0, x: 5)                                    // 17: the second pixel of the second block
    grid.rows                                               // 4096, each a row of channels
    grid.coarser(by: 2)                                     // 32 x 32
}
