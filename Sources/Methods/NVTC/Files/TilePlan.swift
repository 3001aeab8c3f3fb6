/// How an image is cut into tiles that are coded one by one. It follows from the image's size and the model alone.
///
///     let plan = TilePlan(height: 512, width: 768, alignment: 64)
///     plan.tiles.count                                        // 2: 256 x 768 each
///     plan.tiles[1].top                                       // 256
///
/// Tiles bound the memory of coding and are what threads share. All are of one size but for those at the right and at
/// the bottom, which may be smaller; all are whole multiples of the model's alignment, the last ones padded.
struct TilePlan: Equatable {
    struct Tile: Equatable {
        /// In pixels.
        var top: Int
        var left: Int
        var height: Int
        var width: Int
    }

    /// Pixels of a tile: two for a picture of 768 x 512, so that two threads have something to do.
    static let area = 196_608
    /// Pixels along a tile's top.
    static let widest = 1024

    /// Pixels of the padded image.
    let height: Int
    let width: Int
    let tileHeight: Int
    let tileWidth: Int
    /// From the top row to the bottom, each from left to right.
    let tiles: [Tile]

    /// - Parameters:
    ///   - alignment: of the model's architecture.
    ///   - isWhole: whether the image is a single tile, whatever its size.
    init(height: Int, width: Int, alignment: Int, isWhole: Bool = false) {
        func parts(_ length: Int, atMost limit: Int) -> Int {
            let units = (length + alignment - 1) / alignment
            let count = max(1, (length + limit - 1) / limit)
            return (units + count - 1) / count * alignment
        }
        self.height = (height + alignment - 1) / alignment * alignment
        self.width = (width + alignment - 1) / alignment * alignment
        tileWidth = isWhole ? self.width : parts(self.width, atMost: max(alignment, Self.widest))
        tileHeight = isWhole ? self.height : parts(self.height, atMost: max(alignment, Self.area / tileWidth))
        var tiles: [Tile] = []
        for top in stride(from: 0, to: self.height, by: tileHeight) {
            for left in stride(from: 0, to: self.width, by: tileWidth) {
                tiles.append(
                    Tile(
                        top: top, left: left, height: min(tileHeight, self.height - top),
                        width: min(tileWidth, self.width - left)))
            }
        }
        self.tiles = tiles
    }

    /// The index of the tile that a pixel lies in.
    func tile(y: Int, x: Int) -> Int {
        y / tileHeight * ((width + tileWidth - 1) / tileWidth) + x / tileWidth
    }

    /// The tile and `halo` more pixels on each side on which the padded image continues.
    func extended(_ tile: Tile, by halo: Int) -> Tile {
        let (top, left) = (max(0, tile.top - halo), max(0, tile.left - halo))
        return Tile(
            top: top, left: left, height: min(height, tile.top + tile.height + halo) - top,
            width: min(width, tile.left + tile.width + halo) - left)
    }
}
