/// destination = first + second, element by element; the destination may be either of them.
package func addElements(
    _ destination: UnsafeMutablePointer<Float>, _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
    count: Int
) {
    add(SIMD16<Float>.self, destination, first, second, count: count)
}

/// destination = first + second, element by element; the destination may be either of them.
package func addElements(
    _ destination: UnsafeMutablePointer<Double>, _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>,
    count: Int
) {
    add(SIMD8<Double>.self, destination, first, second, count: count)
}

/// Vectors are spelled out because the compiler's own check for overlap refuses to vectorize sums in place.
@inline(__always)
private func add<Vector: SIMD>(
    _: Vector.Type, _ destination: UnsafeMutablePointer<Vector.Scalar>, _ first: UnsafePointer<Vector.Scalar>,
    _ second: UnsafePointer<Vector.Scalar>, count: Int
) where Vector.Scalar: FloatingPoint & BitwiseCopyable {
    let lanes = Vector.scalarCount
    let (to, one, two) = (
        UnsafeMutableRawPointer(destination), UnsafeRawPointer(first), UnsafeRawPointer(second)
    )
    let bytes = MemoryLayout<Vector.Scalar>.stride
    var index = 0
    while index &+ 4 &* lanes <= count {
        for step in 0..<4 {
            let offset = (index &+ step &* lanes) &* bytes
            let sum =
                (one + offset).loadUnaligned(as: Vector.self) + (two + offset).loadUnaligned(as: Vector.self)
            (to + offset).storeBytes(of: sum, as: Vector.self)
        }
        index &+= 4 &* lanes
    }
    while index < count {
        destination[index] = first[index] + second[index]
        index &+= 1
    }
}

extension StatisticsLayout {
    /// Adds the part `range`, in bytes from a vector's start, of two vectors whose parts begin at `first` and `second`.
    /// The bounds of `range` are multiples of 64 or the vector's end.
    package func add(
        _ range: Range<Int>, _ destination: UnsafeMutableRawPointer, _ first: UnsafeRawPointer,
        _ second: UnsafeRawPointer
    ) {
        let floats = (min(range.upperBound, bulk * 4) - range.lowerBound) / 4
        if floats > 0 {
            addElements(
                destination.assumingMemoryBound(to: Float.self), first.assumingMemoryBound(to: Float.self),
                second.assumingMemoryBound(to: Float.self), count: floats)
        }
        let start = max(range.lowerBound, sumsOffset)
        if start < range.upperBound {
            let skipped = start - range.lowerBound
            addElements(
                (destination + skipped).assumingMemoryBound(to: Double.self),
                (first + skipped).assumingMemoryBound(to: Double.self),
                (second + skipped).assumingMemoryBound(to: Double.self), count: (range.upperBound - start) / 8)
        }
    }
}
