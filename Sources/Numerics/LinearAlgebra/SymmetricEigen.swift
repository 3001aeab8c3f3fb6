import CLAPACK

/// A symmetric eigenproblem that LAPACK could not solve.
public struct EigenproblemError: Error, CustomStringConvertible {
    /// Rows and columns of the matrix.
    public let order: Int
    /// LAPACK's return code; 0 if it was not called.
    public let info: Int
    /// Why LAPACK cannot have the memory that it works in; nil if it could.
    public var shortage: String?
    /// What failed, and a likely cause.
    public var description: String {
        if let shortage {
            return "LAPACK needs \(lapackMemory >> 20) MB of memory to work in, but \(shortage): raise the limit"
        }
        return "LAPACK's ssyevd failed on a \(order) x \(order) matrix (info \(info)); are its entries finite?"
    }
}

/// Bytes that OpenBLAS maps for itself before its first call, and room for copies of the matrix. If it cannot have them,
/// it tries forever.
private let lapackMemory = 192 << 20

/// Why there is no room for it, asked before LAPACK's first call.
private let lapackShortage = MemoryLimit.shortage(of: lapackMemory)

/// Set once, before LAPACK's first call.
private let lapackOnOneThread: Void = lloyd_lapack_use_one_thread()

/// Eigenvectors and eigenvalues of a symmetric matrix, largest eigenvalue first: the basis of a PCA.
///
///     let (vectors, values) = try symmetricEigen(covariance)
///     // row i of `vectors` is the eigenvector of values[i]; its largest entry in magnitude is positive
///
/// On one thread, so that the bytes do not depend on the number of cores.
/// - Parameter matrix: n x n, symmetric; only its upper triangle is read.
/// - Returns: n x n vectors, one a row, and n values.
/// - Throws: `EigenproblemError` if LAPACK does not converge, for instance on NaN, or has no memory.
public func symmetricEigen(_ matrix: Matrix) throws -> (vectors: Matrix, values: [Float]) {
    precondition(matrix.rows == matrix.columns, "an eigenproblem needs a square matrix")
    let order = matrix.rows
    if let shortage = lapackShortage { throw EigenproblemError(order: order, info: 0, shortage: shortage) }
    _ = lapackOnOneThread
    let work = matrix.copy()
    var ascending = [Float](repeating: 0, count: order)
    let info = LAPACKE_ssyevd(
        Int32(LLOYD_LAPACK_ROW_MAJOR), CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(order),
        work.pointer, Int32(order), &ascending)
    guard info == 0 else { throw EigenproblemError(order: order, info: Int(info)) }
    let vectors = Matrix(rows: order, columns: order)
    for target in 0..<order {
        let column = order - 1 - target
        var peak: Float = 0
        for row in 0..<order {
            let value = work[row, column]
            vectors[target, row] = value
            if abs(value) > abs(peak) { peak = value }
        }
        // The sign of an eigenvector is arbitrary; fixing it makes codebooks comparable between machines.
        if peak < 0 { for row in 0..<order { vectors[target, row].negate() } }
    }
    return (vectors, ascending.reversed())
}
