/// Which rows of a feature map the tiles of a convolution read and write.
///
///     let tiles = ConvolutionTiles(grid: PixelGrid(height: 64, width: 64, block: 4), images: 1)
///     tiles.count                                             // 256 tiles of 4 x 4 outputs
///     tiles.rows(of: 5)[0]                                    // the row of the pixel above and left of the sixth tile
///
/// A tile computes 4 x 4 pixels from the 6 x 6 around them. Tiles at the right and lower edge may reach beyond the map;
/// pixels outside are marked. Tiles are cut into chunks of about 128, so that what lies between the transforms of a
/// chunk stays in the cache and takes the same memory for every size of image.
struct ConvolutionTiles: Sendable {
    /// The row number of a pixel outside the map.
    static let outside: Int32 = -1
    private static let wantedChunk = 128

    let count: Int
    /// Tiles of a chunk; the last one may hold fewer.
    let chunk: Int
    /// Rows of the feature map of all images.
    let mapRows: Int
    private let table: AlignedBuffer<Int32>

    init(grid: PixelGrid, images: Int) {
        let side = MinimalFiltering.outputs
        let (down, across) = ((grid.height + side - 1) / side, (grid.width + side - 1) / side)
        count = images * down * across
        mapRows = images * grid.rows
        let chunks = (count + Self.wantedChunk - 1) / Self.wantedChunk
        chunk = (count + chunks - 1) / chunks
        precondition(mapRows <= Int(Int32.max))
        table = AlignedBuffer(count: count * MinimalFiltering.products)
        var index = 0
        for image in 0..<images {
            for tile in 0..<down * across {
                let (top, left) = (tile / across * side - 1, tile % across * side - 1)
                for y in top..<top + MinimalFiltering.inputs {
                    for x in left..<left + MinimalFiltering.inputs {
                        let isInside = y >= 0 && y < grid.height && x >= 0 && x < grid.width
                        table[index] =
                            isInside ? Int32(image * grid.rows + grid.row(y: y, x: x)) : Self.outside
                        index += 1
                    }
                }
            }
        }
    }

    /// The rows of the 6 x 6 pixels of a tile.
    @inline(__always) func rows(of tile: Int) -> UnsafePointer<Int32> {
        UnsafePointer(table.pointer + tile &* MinimalFiltering.products)
    }

    /// The index, among the 6 x 6 pixels, of output (y, x).
    @inline(__always) static func index(y: Int, x: Int) -> Int {
        (y &+ 1) &* MinimalFiltering.inputs &+ x &+ 1
    }

    var chunks: Int { (count + chunk - 1) / chunk }

    /// The tiles of a chunk.
    func tiles(ofChunk index: Int) -> Range<Int> { index * chunk..<min(count, (index + 1) * chunk) }
}
