#if LLOYD_AVX512
    /// The floats of one register: what elementwise kernels work on at a time.
    public typealias Lanes = SIMD16<Float>
    @usableFromInline typealias IntegerLanes = SIMD16<Int32>
#else
    /// The floats of one register: what elementwise kernels work on at a time.
    public typealias Lanes = SIMD8<Float>
    @usableFromInline typealias IntegerLanes = SIMD8<Int32>
#endif

/// a b + c, fused where the processor can; elsewhere only on demand, by the library's slow exact function.
@inlinable @inline(__always)
public func multiplyAdd(_ a: Lanes, _ b: Lanes, plus c: Lanes) -> Lanes {
    #if LLOYD_FMA
        c.addingProduct(a, b)
    #else
        FusedMultiplyAdd.isRequired ? c.addingProduct(a, b) : c + a * b
    #endif
}

/// The register's floats at `pointer`, which needs no alignment.
@inlinable @inline(__always)
public func load(_ pointer: UnsafePointer<Float>) -> Lanes { UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self) }

@inlinable @inline(__always)
public func store(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
}

/// The first `count` floats at `pointer`, zeros after them.
@inlinable
public func loadPart(_ pointer: UnsafePointer<Float>, count: Int) -> Lanes {
    var lanes = Lanes(repeating: 0)
    for lane in 0..<count { lanes[lane] = pointer[lane] }
    return lanes
}

@inlinable
public func storePart(_ lanes: Lanes, to pointer: UnsafeMutablePointer<Float>, count: Int) {
    for lane in 0..<count { pointer[lane] = lanes[lane] }
}

/// Numbers of the items in a register's lanes.
public typealias IndexLanes = Lanes.MaskStorage
public typealias IndexMask = SIMDMask<IndexLanes>

extension IndexLanes {
    /// 0, 1, 2, ...
    public static var ascending: IndexLanes {
        var lanes = IndexLanes(repeating: 0)
        for lane in 0..<scalarCount { lanes[lane] = Int32(lane) }
        return lanes
    }
}
