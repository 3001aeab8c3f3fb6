/// How a search is cut so that a tile's operands, a slice of a panel and of some codewords, stay in the second level of
/// the cache.
struct SearchBlocking {
    /// Panels of vectors that are packed at a time.
    let panels: Int
    /// Groups of codewords in a block.
    let groups: Int
    /// Dimensions in a slice.
    let depth: Int

    init(dimension: Int, groups total: Int) {
        // Long slices won by 5 % over slices that fit the first level: a tile starts and ends once, and the second
        // level delivers its operands in time.
        let longest = (64 << 10) / (4 * ScoreTile.vectors)
        let slices = (dimension + longest - 1) / longest
        depth = (dimension + slices - 1) / slices
        let groupBytes = 4 * ScoreTile.codewords * depth
        groups = min(total, max(1, (128 << 10) / groupBytes))
        let panelBytes = 4 * ScoreTile.vectors * dimension
        panels = min(64, max(4, (128 << 10) / panelBytes))
    }
}
