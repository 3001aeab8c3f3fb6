/// How a search is cut so that a tile's operands stay near: the panel's slice in the first cache level, the slice of a
/// block of codewords and the partial sums in the second.
struct SearchBlocking {
    /// Panels of vectors that are packed at a time.
    let panels: Int
    /// Groups of codewords in a block.
    let groups: Int
    /// Dimensions in a slice.
    let depth: Int

    init(dimension: Int, groups total: Int) {
        // A slice of a panel takes at most half of a 32 KB first level.
        let longest = (16 << 10) / (4 * ScoreTile.vectors)
        let slices = (dimension + longest - 1) / longest
        depth = (dimension + slices - 1) / slices
        let groupBytes = 4 * ScoreTile.codewords * depth
        groups = min(total, max(1, (128 << 10) / groupBytes))
        let panelBytes = 4 * ScoreTile.vectors * dimension
        panels = min(64, max(8, (128 << 10) / panelBytes))
    }
}
