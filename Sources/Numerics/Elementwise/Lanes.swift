#if LLOYD_AVX512
    /// The floats of one register: what elementwise kernels work on at a time.
    public typealias Lanes = SIMD16<Float>
    @usableFromInline typealias IntegerLanes = SIMD16<Int32>
#else
    /// The floats of one register: what elementwise kernels work on at a time.
    public typealias Lanes = SIMD8<Float>
    @usableFromInline typealias IntegerLanes = SIMD8<Int32>
#endif

/// a b + c, fused if the processor can; otherwise fused only on demand (`FusedMultiplyAdd`), by a slow exact
/// function of the library.
@inlinable @inline(__always)
public func multiplyAdd(_ a: Lanes, _ b: Lanes, plus c: Lanes) -> Lanes {
    #if LLOYD_FMA
        c.addingProduct(a, b)
    #else
        FusedMultiplyAdd.isRequired ? c.addingProduct(a, b) : c + a * b
    #endif
}

/// A register of floats from `pointer`, which need not be aligned.
@inlinable @inline(__always)
public func load(_ pointer: UnsafePointer<Float>) -> Lanes { UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self) }

/// Writes a register to `pointer`, which need not be aligned.
@inlinable @inline(__always)
public func store(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
}

/// The first `count` floats at `pointer` (at most a register), zeros after them.
@inlinable
public func loadPart(_ pointer: UnsafePointer<Float>, count: Int) -> Lanes {
    var lanes = Lanes(repeating: 0)
    for lane in 0..<count { lanes[lane] = pointer[lane] }
    return lanes
}

/// Writes the first `count` lanes to `pointer`.
@inlinable
public func storePart(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>, count: Int) {
    for lane in 0..<count { pointer[lane] = lanes[lane] }
}

/// Indices of the items in a register's lanes: 32-bit integers, as wide as floats.
public typealias IndexLanes = Lanes.MaskStorage
/// Which lanes of a register are meant.
public typealias IndexMask = SIMDMask<IndexLanes>

extension IndexLanes {
    /// 0, 1, 2, ...
    public static var ascending: IndexLanes {
        var lanes = IndexLanes(repeating: 0)
        for lane in 0..<scalarCount { lanes[lane] = Int32(lane) }
        return lanes
    }
}
