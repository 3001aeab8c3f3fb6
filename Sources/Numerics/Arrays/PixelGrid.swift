/// The order in which the pixels of a feature map lie in memory: square blocks one after another, row by row within each.
///
///     let grid = PixelGrid(height: 64, width: 64, block: 4)
///     grid.row(y: 0, x: 5)                                    // 17: the second pixel of the second block
///     grid.rows                                               // 4096, each a row of channels
///     grid.coarser(by: 2)                                     // 32 x 32
///
/// A feature map is a matrix with a row for each pixel and a column for each channel, so that fully connected layers along
/// channels are matrix products whatever the order. Layers that work on blocks find theirs in one piece; a block of
/// 4 x 4 is also what Winograd's convolution computes at a time.
public struct PixelGrid: Sendable, Equatable {
    /// Pixels from top to bottom.
    public let height: Int
    /// Pixels from left to right.
    public let width: Int
    /// Pixels along a block's side; 1 for plain row order.
    public let block: Int

    /// - Precondition: the block divides height and width.
    public init(height: Int, width: Int, block: Int) {
        precondition(height > 0 && width > 0 && block > 0)
        precondition(height % block == 0 && width % block == 0, "blocks of \(block) do not tile \(height) x \(width)")
        self.height = height
        self.width = width
        self.block = block
    }

    /// Pixels of the map: rows of its matrix.
    public var rows: Int { height * width }
    /// Pixels of a block.
    public var blockRows: Int { block * block }
    /// Blocks of the map.
    public var blocks: Int { rows / blockRows }

    /// The matrix row of the pixel in row `y` and column `x` of the map.
    public func row(y: Int, x: Int) -> Int {
        let blockIndex = (y / block) * (width / block) + x / block
        return blockIndex * blockRows + (y % block) * block + x % block
    }

    /// The grid of a map whose pixels stand for `factor` x `factor` of this one's.
    /// - Parameters:
    ///   - factor: divides height and width.
    ///   - block: pixels along a block's side in the coarser map; nil for those of this one.
    public func coarser(by factor: Int, block: Int? = nil) -> PixelGrid {
        precondition(height % factor == 0 && width % factor == 0)
        return PixelGrid(height: height / factor, width: width / factor, block: block ?? self.block)
    }
}
