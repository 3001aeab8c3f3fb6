/// How a step's vector is cut into chunks that are reduced one after the other, each as soon as it is complete: groups of
/// rows from the last to the first, then the scalar sums, which are final only when a shard's map has returned.
///
///     let chunks = StatisticsChunks(layout, least: 1 << 20)   // of 51 MB of gradients: 16 chunks of 3.2 MB, and the sums
///     chunks.rows(of: 0)                                      // the last rows
///     chunks.rows(of: chunks.count - 1)                       // none: the sums
///     StatisticsChunks(whole: layout).count                   // 1
///
/// The cut follows from the layout alone, so all ranks agree on it. Chunks of rows begin at multiples of a cache line.
package struct StatisticsChunks: Equatable {
    /// The shape of the whole vector.
    package let layout: StatisticsLayout
    /// All chunks; the last one carries the sums (and may be empty where there are none).
    package let count: Int
    private let rowsPerChunk: Int

    /// One chunk with everything.
    package init(whole layout: StatisticsLayout) { self.init(layout, rowsPerChunk: layout.rows) }

    private init(_ layout: StatisticsLayout, rowsPerChunk: Int) {
        self.layout = layout
        self.rowsPerChunk = rowsPerChunk
        count = rowsPerChunk < layout.rows ? (layout.rows + rowsPerChunk - 1) / rowsPerChunk + 1 : 1
    }

    /// Chunks of at least `least` bytes (but for the first, which takes what rounding leaves) and at most about four times
    /// that; in between, sixteen. The last chunk's exchange is hidden behind nothing, so chunks should be small; but not so
    /// small that messages cost more than the bytes in them. One chunk if there is too little for two.
    package init(_ layout: StatisticsLayout, least: Int) {
        let bytes = layout.bulk * MemoryLayout<Float>.stride
        let wanted = bytes / min(max(bytes / 16, least, 1), 4 * max(least, 1))
        guard wanted >= 2 else {
            self.init(whole: layout)
            return
        }
        // So many rows fill whole cache lines.
        let step = 16 / Self.greatestCommonDivisor(layout.columns, 16)
        let rows = ((layout.rows + wanted - 1) / wanted + step - 1) / step * step
        self.init(layout, rowsPerChunk: rows)
    }

    /// Whether a chunk carries the sums: the last one does.
    package func hasSums(_ chunk: Int) -> Bool { chunk == count - 1 }

    /// The rows of the bulk matrix in a chunk; none in the last of several.
    package func rows(of chunk: Int) -> Range<Int> {
        if count == 1 { return 0..<layout.rows }
        guard chunk < count - 1 else { return 0..<0 }
        let start = (count - 2 - chunk) * rowsPerChunk
        return start..<min(start + rowsPerChunk, layout.rows)
    }

    /// Where a chunk lies in the vector, in bytes.
    package func bytes(of chunk: Int) -> Range<Int> {
        if count == 1 { return 0..<layout.bytes }
        if hasSums(chunk) { return layout.sumsOffset..<layout.bytes }
        let rows = rows(of: chunk)
        let rowBytes = layout.columns * MemoryLayout<Float>.stride
        return rows.lowerBound * rowBytes..<rows.upperBound * rowBytes
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        second == 0 ? first : greatestCommonDivisor(second, first % second)
    }
}
