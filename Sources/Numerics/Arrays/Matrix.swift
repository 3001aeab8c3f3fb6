/// A row-major matrix of `Float` over aligned memory: vectors to quantize, codebooks, transforms.
///
///     let vectors = Matrix(rows: 1000, columns: 64)          // zeros
///     vectors[3, 5] = 1.5
///     vectors.row(3).update(repeating: 0)                    // one vector, in place
///     let both = matrixProduct(vectors, codebook, transposeB: true)
///
/// A matrix is a reference, like the buffer under it: assigning shares, `copy()` copies. Rows are contiguous
/// (`stride == columns`), so row i starts at `pointer + i * columns`.
public final class Matrix: @unchecked Sendable {
    /// Rows, such as vectors.
    public let rows: Int
    /// Elements in a row.
    public let columns: Int
    /// The memory under it, which may be larger than the matrix.
    public let storage: AlignedBuffer<Float>

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        storage = AlignedBuffer(count: rows * columns)
    }

    /// A matrix in existing memory, which is shared.
    /// - Precondition: the memory has at least `rows * columns` floats.
    public init(rows: Int, columns: Int, storage: AlignedBuffer<Float>) {
        precondition(storage.count >= rows * columns)
        self.rows = rows
        self.columns = columns
        self.storage = storage
    }

    /// A matrix with a copy of the given elements, row after row.
    /// - Precondition: there are `rows * columns` of them.
    public convenience init(rows: Int, columns: Int, _ elements: some Collection<Float>) {
        precondition(elements.count == rows * columns)
        self.init(rows: rows, columns: columns)
        _ = storage.elements.update(fromContentsOf: elements)
    }

    /// The first element.
    @inlinable public var pointer: UnsafeMutablePointer<Float> { storage.pointer }
    /// Elements of the matrix.
    public var count: Int { rows * columns }

    /// The elements of row `index`, for reading and writing in place. Bounds are checked in debug builds only.
    @inlinable public func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        assert(index >= 0 && index < rows)
        return .init(start: pointer + index * columns, count: columns)
    }

    /// One element. Bounds are checked in debug builds only.
    @inlinable public subscript(row: Int, column: Int) -> Float {
        get {
            assert(row >= 0 && row < rows && column >= 0 && column < columns)
            return pointer[row * columns + column]
        }
        set {
            assert(row >= 0 && row < rows && column >= 0 && column < columns)
            pointer[row * columns + column] = newValue
        }
    }

    /// A matrix with the same elements in memory of its own.
    public func copy() -> Matrix {
        let other = Matrix(rows: rows, columns: columns)
        other.pointer.update(from: pointer, count: count)
        return other
    }
}
