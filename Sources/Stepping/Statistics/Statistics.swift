import Numerics

/// The shape of a step's additive statistics: a matrix of `Float` for bulk sums, a list of `Double` for scalar ones.
///
///     let layout = StatisticsLayout(rows: 256, columns: 47, sums: 257)
///     layout.bulk                                             // 12032 floats
///     layout.sumsOffset                                       // 48128: where the doubles begin
///     layout.bytes                                            // 50184
///
/// Both lie in one piece of memory, so that one exchange carries them.
public struct StatisticsLayout: Equatable, Sendable {
    /// Rows of the bulk matrix, for instance codewords. Rows that no shard touches cost nothing.
    public var rows: Int
    /// Floats in a row, for instance the active dimensions.
    public var columns: Int
    /// Number of `Double` sums, for instance counts, squared errors, variances.
    public var sums: Int
    /// Whether shards call `Statistics.finish` for rows that are final while they compute the others. All ranks must agree
    /// on it: it decides whether rows are exchanged in chunks, each as soon as it is complete, or all at once.
    public var finishesRows: Bool

    /// - Parameters:
    ///   - rows: rows of the bulk matrix.
    ///   - columns: floats in a row.
    ///   - sums: sums of `Double`.
    ///   - finishesRows: whether shards call `Statistics.finish`.
    public init(rows: Int = 0, columns: Int = 0, sums: Int = 0, finishesRows: Bool = false) {
        self.rows = rows
        self.columns = columns
        self.sums = sums
        self.finishesRows = finishesRows
    }

    /// Number of floats in the bulk matrix.
    public var bulk: Int { rows * columns }
    /// Bytes from the first float to the first double: the doubles begin with a cache line of their own.
    public var sumsOffset: Int { (bulk * MemoryLayout<Float>.stride + 63) & ~63 }
    /// Bytes of one statistics vector.
    public var bytes: Int { sumsOffset + sums * MemoryLayout<Double>.stride }
}

/// The contribution of a shard to a step, or the sum over all shards.
///
///     let row = statistics.touchRow(codeword)                 // zeroed at its first touch
///     for j in 0..<dimension { row[j] += vector[j] }
///     statistics.sums[codeword] += 1
///
/// Rows are cleared when first touched and skipped in sums while untouched: a shard of 30 vectors touches at most 30 of
/// 256 codewords, and neither the other rows' memory nor their additions are paid for.
public final class Statistics: @unchecked Sendable {
    /// The shape.
    public private(set) var layout: StatisticsLayout
    /// The bulk matrix, row-major. Rows that were never touched hold garbage; see `touchRow` and `touchAllRows`.
    public private(set) var bulk: UnsafeMutablePointer<Float>
    /// The scalar sums, zero at the start of a shard.
    public private(set) var sums: UnsafeMutableBufferPointer<Double>
    private var storage: AlignedBuffer<UInt8>
    private var touched: AlignedBuffer<UInt8>
    /// Is told which rows are finished, in a step that reduces them early. Belongs to the thread that maps the shard.
    package var listener: (any FinishedRowsListener)?
    /// Chunks that were not yet added to other statistics. Guarded by the accumulator's lock.
    var chunksInUse = 0
    /// The shard that fills them; set by the lender, as the next two.
    package var shard = 0
    /// The worker that maps the shard.
    package var worker = 0
    /// The first chunk that is not finished.
    package var nextChunk = 0

    /// Statistics with all sums 0 and no row touched.
    public init(layout: StatisticsLayout) {
        self.layout = layout
        storage = AlignedBuffer(count: layout.bytes)
        touched = AlignedBuffer(count: layout.rows)
        (bulk, sums) = Self.pointers(of: storage, layout)
    }

    /// Changes to another layout with all sums 0 and no row touched; keeps the memory if it suffices.
    public func reset(layout: StatisticsLayout) {
        self.layout = layout
        if storage.count < layout.bytes { storage = AlignedBuffer(count: layout.bytes) }
        if touched.count < layout.rows { touched = AlignedBuffer(count: layout.rows) }
        (bulk, sums) = Self.pointers(of: storage, layout)
        touched.elements.prefix(layout.rows).update(repeating: 0)
        sums.update(repeating: 0)
    }

    /// The whole vector as it travels: the floats, a gap up to the next cache line, the doubles.
    package var memory: UnsafeMutableRawPointer { UnsafeMutableRawPointer(storage.pointer) }

    /// Row `index` of the bulk matrix, cleared at its first touch.
    @discardableResult public func touchRow(_ index: Int) -> UnsafeMutablePointer<Float> {
        precondition(index >= 0 && index < layout.rows)
        let row = bulk + index * layout.columns
        if touched.pointer[index] == 0 {
            touched.pointer[index] = 1
            row.update(repeating: 0, count: layout.columns)
        }
        return row
    }

    /// Writes a row that no other shard contributes to, such as a training vector that becomes a codeword.
    ///
    /// -0 becomes +0: depending on the number of ranks, zeros of other shards are added to the row or not, and -0 + 0 is
    /// +0.
    /// - Parameters:
    ///   - values: `count` floats.
    ///   - count: at most the columns of the layout.
    public func handOver(row index: Int, _ values: UnsafePointer<Float>, count: Int) {
        precondition(count <= layout.columns)
        let row = touchRow(index)
        for column in 0..<count { row[column] = values[column] + 0 }
    }

    /// Clears every row that was not touched: afterwards the whole bulk matrix may be read.
    public func touchAllRows() { touchRows(0..<layout.rows) }

    func touchRows(_ rows: Range<Int>) {
        for index in rows { touchRow(index) }
    }

    /// Marks every row as touched without clearing any: the caller overwrites them all.
    public func claimAllRows() { touched.elements.prefix(layout.rows).update(repeating: 1) }

    /// Declares this shard's rows from `row` on final, so that they may be reduced while the others are computed. The shard
    /// must neither write nor read them any more.
    ///
    /// Rows become final from the last to the first. All others, and the scalar sums, become final when the shard's map
    /// returns. The call has no effect if the layout is not one that `finishesRows`, if the matrix is small, or if there is
    /// only one rank.
    public func finish(rowsFrom row: Int) {
        precondition(row >= 0 && row <= layout.rows)
        listener?.finished(self, rowsFrom: row)
    }

    /// Adds `other`, of the same layout, element by element: one inner node of the reduction tree.
    func add(_ other: Statistics) { add(other, rows: 0..<layout.rows, sums: true) }

    /// Adds some rows of `other`, and its sums if wanted.
    func add(_ other: Statistics, rows: Range<Int>, sums withSums: Bool) {
        assert(other.layout == layout)
        let columns = layout.columns
        for index in rows where other.touched.pointer[index] != 0 {
            let mine = bulk + index * columns
            let theirs = other.bulk + index * columns
            if touched.pointer[index] == 0 {
                touched.pointer[index] = 1
                mine.update(from: theirs, count: columns)
            } else {
                addElements(mine, mine, theirs, count: columns)
            }
        }
        if withSums, layout.sums > 0 {
            addElements(sums.baseAddress!, sums.baseAddress!, other.sums.baseAddress!, count: layout.sums)
        }
    }

    private static func pointers(
        of storage: AlignedBuffer<UInt8>, _ layout: StatisticsLayout
    ) -> (UnsafeMutablePointer<Float>, UnsafeMutableBufferPointer<Double>) {
        let memory = UnsafeMutableRawPointer(storage.pointer)
        let sums = (memory + layout.sumsOffset).bindMemory(to: Double.self, capacity: layout.sums)
        return (
            memory.bindMemory(to: Float.self, capacity: layout.bulk),
            UnsafeMutableBufferPointer(start: sums, count: layout.sums)
        )
    }
}

/// Is told which rows of a shard's statistics are final while the shard is still being mapped.
package protocol FinishedRowsListener: AnyObject {
    /// Called on the thread that maps the shard, with smaller and smaller rows.
    func finished(_ statistics: Statistics, rowsFrom row: Int)
}
