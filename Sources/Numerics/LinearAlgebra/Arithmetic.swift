/// How matrix products are computed.
///
///     gemm(rows: 256, columns: 96, inner: 192, a: x, b: w, transposeB: true, c: y, arithmetic: .reproducible)
public enum Arithmetic: Sendable {
    /// By the library that is fastest here: the same on every thread and rank of one kind of processor.
    case fast
    /// The same bits on every machine. Each element of C starts from beta C and takes its terms one fused multiply-add
    /// after the other, in the order of the inner dimension; IEEE 754 defines the result of every one of these. Registers
    /// hold different elements of C, so that their width does not matter.
    case reproducible
}

/// Whether `multiplyAdd` is fused, whatever the processor that this program was compiled for.
///
/// Builds for processors with fused multiply-add always fuse. A portable build rounds twice, which is many times faster
/// there than the library's exact function, until the user asks for results that are the same on every machine.
public enum FusedMultiplyAdd {
    @usableFromInline nonisolated(unsafe) static var isRequired = false

    /// Makes all arithmetic of this program reproducible from here on. Call it before any thread has been started.
    public static func require() { isRequired = true }
}
