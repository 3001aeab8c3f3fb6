import COneDNN

/// C = alpha op(A) op(B) + beta C on raw row-major memory, on the calling thread alone, by oneDNN.
///
/// The result for given shapes is the same on every thread and rank of one kind of processor.
///
///     // 256 vectors against 512 codewords of 64 dimensions
///     gemm(rows: 256, columns: 512, inner: 64, a: vectors, b: codewords, transposeB: true, bStride: 64, c: products)
///
/// - Parameters:
///   - rows: rows of op(A) and of C.
///   - columns: columns of op(B) and of C.
///   - inner: columns of op(A) and rows of op(B).
///   - alpha: the factor of the product.
///   - a: the first element of A.
///   - transposeA: whether op(A) is A transposed.
///   - aStride: floats between the starts of two rows of A as stored; nil for contiguous rows.
///   - b: the first element of B.
///   - transposeB: whether op(B) is B transposed.
///   - bStride: floats between the starts of two rows of B as stored; nil for contiguous rows.
///   - beta: the factor of what is in C; with 0, C may hold anything.
///   - c: the first element of C, which overlaps neither A nor B.
///   - cStride: floats between the starts of two rows of C; nil for contiguous rows.
///   - arithmetic: `.reproducible` is possible for alpha 1, beta 0 or 1 and op(A) = A only.
public func gemm(
    rows: Int, columns: Int, inner: Int, alpha: Float = 1, a: UnsafePointer<Float>, transposeA: Bool = false,
    aStride: Int? = nil, b: UnsafePointer<Float>, transposeB: Bool = false, bStride: Int? = nil, beta: Float = 0,
    c: UnsafeMutablePointer<Float>, cStride: Int? = nil, arithmetic: Arithmetic = .fast
) {
    guard rows > 0, columns > 0 else { return }
    if arithmetic == .reproducible {
        precondition(alpha == 1 && !transposeA && (beta == 0 || beta == 1))
        ReproducibleProduct.multiply(
            rows: rows, columns: columns, inner: inner, a: a, aStride: aStride ?? inner, b: b, transposeB: transposeB,
            bStride: bStride ?? (transposeB ? inner : columns), accumulate: beta == 1, c: c,
            cStride: cStride ?? columns)
        return
    }
    let (yes, no) = (CChar(UInt8(ascii: "T")), CChar(UInt8(ascii: "N")))
    let status = lloyd_dnnl_sgemm(
        transposeA ? yes : no, transposeB ? yes : no, Int64(rows), Int64(columns), Int64(inner), alpha, a,
        Int64(aStride ?? (transposeA ? rows : inner)), b, Int64(bStride ?? (transposeB ? inner : columns)), beta, c,
        Int64(cStride ?? columns))
    precondition(status == 0, "oneDNN refused a \(rows) x \(columns) x \(inner) product with status \(status)")
}

/// op(A) op(B) as a new matrix, where op transposes or leaves as is.
/// - Precondition: op(A) has as many columns as op(B) has rows.
public func matrixProduct(_ a: Matrix, _ b: Matrix, transposeA: Bool = false, transposeB: Bool = false) -> Matrix {
    let (rows, inner) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (innerB, columns) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(inner == innerB, "inner dimensions \(inner) and \(innerB) differ")
    let product = Matrix(rows: rows, columns: columns)
    gemm(
        rows: rows, columns: columns, inner: inner, a: a.pointer, transposeA: transposeA, b: b.pointer,
        transposeB: transposeB, c: product.pointer)
    return product
}
