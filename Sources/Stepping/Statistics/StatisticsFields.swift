/// A named part of a step's statistics. A method declares its fields together with the layout:
///
///     struct Fields {
///         var layout = StatisticsLayout()
///         let means: RowsField, counts: SumsField
///         init(codewords: Int, dimension: Int) {
///             means = layout.addRows(codewords, columns: dimension)
///             counts = layout.addSums(codewords)
///         }
///     }
///
/// and reads and writes them by name:
///
///     statistics[counts][codeword] += 1                       // in `map`
///     let vectors = total[counts].reduce(0, +)                // in `update`
///
/// Only the layout knows where a field lies. `StatisticsLayout.addSum`, `addSums`, `addTable` and `addRows` make fields.
public protocol StatisticsField: Sendable {}

/// A list of `Double` sums.
public struct SumsField: StatisticsField, Equatable {
    @usableFromInline let offset: Int
    /// How many sums there are.
    public let count: Int

    @usableFromInline init(offset: Int, count: Int) { (self.offset, self.count) = (offset, count) }
}

/// One `Double` sum.
public struct SumField: StatisticsField, Equatable {
    @usableFromInline let offset: Int

    @usableFromInline init(offset: Int) { self.offset = offset }
}

/// `Double` sums in rows of one length, such as the figures of every image.
public struct SumsTable: StatisticsField, Equatable {
    @usableFromInline let offset: Int
    /// Rows of the table.
    public let rows: Int
    /// Sums in a row.
    public let columns: Int

    @usableFromInline init(offset: Int, rows: Int, columns: Int) {
        (self.offset, self.rows, self.columns) = (offset, rows, columns)
    }

    /// The sums of one row.
    @inlinable public subscript(row: Int) -> SumsField {
        precondition(row >= 0 && row < rows)
        return SumsField(offset: offset + row * columns, count: columns)
    }
}

/// Rows of the bulk matrix of `Float`.
public struct RowsField: StatisticsField, Equatable {
    @usableFromInline let first: Int
    /// How many rows there are.
    public let count: Int

    @usableFromInline init(first: Int, count: Int) { (self.first, self.count) = (first, count) }

    /// The rows of the bulk matrix that the field takes.
    public var rows: Range<Int> { first..<first + count }
}

extension StatisticsLayout {
    /// Makes room for `count` sums of `Double`.
    public mutating func addSums(_ count: Int) -> SumsField {
        defer { sums += count }
        return SumsField(offset: sums, count: count)
    }

    /// Makes room for one sum of `Double`.
    public mutating func addSum() -> SumField {
        defer { sums += 1 }
        return SumField(offset: sums)
    }

    /// Makes room for `rows` times `columns` sums of `Double`.
    public mutating func addTable(rows: Int, columns: Int) -> SumsTable {
        defer { sums += rows * columns }
        return SumsTable(offset: sums, rows: rows, columns: columns)
    }

    /// Makes room for rows of `Float`. All rows of a layout have the length of the longest.
    public mutating func addRows(_ count: Int, columns: Int) -> RowsField {
        defer {
            rows += count
            self.columns = max(self.columns, columns)
        }
        return RowsField(first: rows, count: count)
    }
}

extension Statistics {
    /// The sums of a field, for reading and writing.
    @inlinable public subscript(field: SumsField) -> UnsafeMutableBufferPointer<Double> {
        UnsafeMutableBufferPointer(rebasing: sums[field.offset..<field.offset + field.count])
    }

    /// The one sum of a field.
    @inlinable public subscript(field: SumField) -> Double {
        get { sums[field.offset] }
        set { (sums.baseAddress! + field.offset).pointee = newValue }
    }

    /// Row `index` of a field, cleared at its first touch.
    @discardableResult public func touch(_ field: RowsField, _ index: Int) -> UnsafeMutablePointer<Float> {
        assert(index >= 0 && index < field.count)
        return touchRow(field.first + index)
    }

    /// Writes a row that no other shard contributes to: see `handOver(row:_:count:)`.
    public func handOver(_ field: RowsField, _ index: Int, _ values: UnsafePointer<Float>, count: Int) {
        assert(index >= 0 && index < field.count)
        handOver(row: field.first + index, values, count: count)
    }

    /// The first float of a field's row. Rows that were not touched hold garbage, except in a total.
    public func row(_ field: RowsField, _ index: Int = 0) -> UnsafeMutablePointer<Float> {
        assert(index >= 0 && index <= field.count)
        return bulk + (field.first + index) * layout.columns
    }
}
