import CLAPACK

/// A symmetric eigenproblem that LAPACK could not solve.
public struct EigenproblemError: Error, CustomStringConvertible {
    /// Rows and columns of the matrix.
    public let order: Int
    /// LAPACK's return code; 0 if it was not called.
    public let info: Int
    /// Why LAPACK cannot be had, and what helps; nil if it could.
    public var shortage: String?
    /// What failed, and a likely cause.
    public var description: String {
        if let shortage { return shortage }
        return "LAPACK's ssyevd failed on a \(order) x \(order) matrix (info \(info)); are its entries finite?"
    }
}

/// LAPACK, loaded when it is first asked for.
///
///     LAPACKLibrary.problem                                   // nil if eigenproblems can be solved
public enum LAPACKLibrary {
    /// Bytes that OpenBLAS maps for itself as it is loaded, and room for copies of the matrix. If it cannot have them, it
    /// tries forever.
    static let memory = 192 << 20

    /// Its ssyevd, or why there is none.
    fileprivate static let loaded: Result<lloyd_ssyevd, EigenproblemError> = {
        if let shortage = MemoryLimit.shortage(of: memory) {
            let need = "LAPACK needs \(memory >> 20) MB of memory to work in, but \(shortage)"
            return .failure(EigenproblemError(order: 0, info: 0, shortage: need + ": raise the limit"))
        }
        if let function = lloyd_lapack_load() { return .success(function) }
        let why = lloyd_lapack_problem().map { String(cString: $0) } ?? "it has no ssyevd"
        return .failure(
            EigenproblemError(
                order: 0, info: 0,
                shortage: "LAPACK cannot be loaded (\(why)): install liblapacke, as Launch/setup does"))
    }()

    /// Loads the library, and says why it cannot be used; nil if it can.
    public static var problem: String? {
        if case .failure(let error) = loaded { return error.description }
        return nil
    }
}

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
    let solve = try LAPACKLibrary.loaded.get()
    let work = matrix.copy()
    var ascending = [Float](repeating: 0, count: order)
    let info = solve(
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
