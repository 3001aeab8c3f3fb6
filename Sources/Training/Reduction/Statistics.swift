import Numerics

/// The shape of a step's additive statistics: a matrix of `Float` for bulk sums, a list of `Double` for scalar ones.
public struct StatisticsLayout: Equatable, Sendable {
    /// Rows of the bulk matrix, for instance codewords. Rows that no shard touches cost nothing.
    public var rows: Int
    /// Floats in a row, for instance the active dimensions.
    public var columns: Int
    /// Number of `Double` sums, for instance counts, squared errors, variances.
    public var sums: Int

    public init(rows: Int = 0, columns: Int = 0, sums: Int = 0) {
        self.rows = rows
        self.columns = columns
        self.sums = sums
    }

    public var bulk: Int { rows * columns }
    /// Bytes of one statistics vector.
    public var bytes: Int { bulk * MemoryLayout<Float>.stride + sums * MemoryLayout<Double>.stride }
}

/// What a shard contributes to a step, and what the sum over all shards is delivered in.
///
///     let row = statistics.touchRow(codeword)                 // zeroed at its first touch
///     for j in 0..<dimension { row[j] += vector[j] }
///     statistics.sums[codeword] += 1
///
/// Rows are cleared when first touched and skipped in sums while untouched: a shard of 30 vectors touches at most 30 of
/// 256 codewords, and neither the other rows' memory nor their additions are paid for.
public final class Statistics: @unchecked Sendable {
    public private(set) var layout: StatisticsLayout
    private var bulkStorage: AlignedBuffer<Float>
    private var sumStorage: AlignedBuffer<Double>
    private var touched: AlignedBuffer<UInt8>

    public init(layout: StatisticsLayout) {
        self.layout = layout
        bulkStorage = AlignedBuffer(count: layout.bulk)
        sumStorage = AlignedBuffer(count: layout.sums)
        touched = AlignedBuffer(count: layout.rows)
    }

    /// Takes on another layout with everything zero, keeping the memory where it suffices.
    public func reset(layout: StatisticsLayout) {
        self.layout = layout
        if bulkStorage.count < layout.bulk { bulkStorage = AlignedBuffer(count: layout.bulk) }
        if sumStorage.count < layout.sums { sumStorage = AlignedBuffer(count: layout.sums) }
        if touched.count < layout.rows { touched = AlignedBuffer(count: layout.rows) }
        touched.elements.prefix(layout.rows).update(repeating: 0)
        sums.update(repeating: 0)
    }

    /// The scalar sums, zero at the start of a shard.
    public var sums: UnsafeMutableBufferPointer<Double> { .init(start: sumStorage.pointer, count: layout.sums) }

    /// The bulk matrix, row-major. Rows that were never touched hold garbage; see `touchRow` and `touchAllRows`.
    public var bulk: UnsafeMutablePointer<Float> { bulkStorage.pointer }

    /// Row `index` of the bulk matrix, cleared at its first touch.
    @discardableResult public func touchRow(_ index: Int) -> UnsafeMutablePointer<Float> {
        precondition(index >= 0 && index < layout.rows)
        let row = bulkStorage.pointer + index * layout.columns
        if touched.pointer[index] == 0 {
            touched.pointer[index] = 1
            row.update(repeating: 0, count: layout.columns)
        }
        return row
    }

    /// Clears every row that was not touched: afterwards the whole bulk matrix may be read.
    public func touchAllRows() {
        for index in 0..<layout.rows { touchRow(index) }
    }

    /// Adds `other`, of the same layout, element by element: one inner node of the reduction tree.
    func add(_ other: Statistics) {
        assert(other.layout == layout)
        let columns = layout.columns
        for index in 0..<layout.rows where other.touched.pointer[index] != 0 {
            let mine = bulkStorage.pointer + index * columns
            let theirs = other.bulkStorage.pointer + index * columns
            if touched.pointer[index] == 0 {
                touched.pointer[index] = 1
                mine.update(from: theirs, count: columns)
            } else {
                addElements(mine, theirs, count: columns)
            }
        }
        addElements(sumStorage.pointer, other.sumStorage.pointer, count: layout.sums)
    }
}

/// destination += source, element by element.
func addElements<Element: FloatingPoint>(
    _ destination: UnsafeMutablePointer<Element>, _ source: UnsafePointer<Element>, count: Int
) {
    for index in 0..<count { destination[index] += source[index] }
}

/// destination = first + second, element by element; the destination may be either of them.
func addElements<Element: FloatingPoint>(
    _ destination: UnsafeMutablePointer<Element>, _ first: UnsafePointer<Element>, _ second: UnsafePointer<Element>,
    count: Int
) {
    for index in 0..<count { destination[index] = first[index] + second[index] }
}
