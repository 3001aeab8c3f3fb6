/// ||x - c||^2 as a sum of squared differences, which does not cancel as the expansion ||x||^2 - 2 x.c + ||c||^2 does.
///
///     let error = squaredDistance(vector, codeword, dimension: 64)
///
/// 32 partial sums in a fixed order: the same bits whatever else is computed, an error that grows with dimension / 32.
public func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, dimension: Int) -> Float {
    var low = SIMD16<Float>.zero
    var high = SIMD16<Float>.zero
    var j = 0
    while j + 32 <= dimension {
        low = addingSquare(low, loadSixteen(a + j) - loadSixteen(b + j))
        high = addingSquare(high, loadSixteen(a + j + 16) - loadSixteen(b + j + 16))
        j += 32
    }
    if j + 16 <= dimension {
        low = addingSquare(low, loadSixteen(a + j) - loadSixteen(b + j))
        j += 16
    }
    low += high
    var eight = low.lowHalf + low.highHalf
    if j + 8 <= dimension {
        let difference = loadEight(a + j) - loadEight(b + j)
        eight += difference * difference
        j += 8
    }
    var four = eight.lowHalf + eight.highHalf
    if j + 4 <= dimension {
        let difference = loadFour(a + j) - loadFour(b + j)
        four += difference * difference
        j += 4
    }
    let two = four.lowHalf + four.highHalf
    var sum = two[0] + two[1]
    while j < dimension {
        let difference = a[j] - b[j]
        sum += difference * difference
        j += 1
    }
    return sum
}

@inline(__always)
private func addingSquare(_ sum: SIMD16<Float>, _ difference: SIMD16<Float>) -> SIMD16<Float> {
    #if LLOYD_FMA
        return sum.addingProduct(difference, difference)
    #else
        return sum + difference * difference
    #endif
}

@inline(__always)
private func loadEight(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func loadSixteen(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
}
