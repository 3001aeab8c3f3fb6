/// Four rows as four columns, by shuffles.
@inline(__always)
private func transposed(
    _ a: SIMD4<Float>, _ b: SIMD4<Float>, _ c: SIMD4<Float>, _ d: SIMD4<Float>
) -> (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) {
    let ab = SIMD8(lowHalf: a, highHalf: b)
    let cd = SIMD8(lowHalf: c, highHalf: d)
    let even = SIMD8(lowHalf: ab.evenHalf, highHalf: cd.evenHalf)
    let odd = SIMD8(lowHalf: ab.oddHalf, highHalf: cd.oddHalf)
    return (even.evenHalf, odd.evenHalf, even.oddHalf, odd.oddHalf)
}

/// Writes `ScoreTile.vectors` vectors dimension by dimension, `panel[dimension][vector]`, minus `origin`.
///
/// Beyond `count` (at least 1) the last vector is repeated, so that no lane holds a value that was never given.
func packPanel(
    _ vectors: UnsafePointer<Float>, count: Int, stride: Int, dimension: Int, origin: UnsafePointer<Float>,
    panel: UnsafeMutablePointer<Float>
) {
    let width = ScoreTile.vectors
    var lane = 0
    while lane < width {
        let row0 = vectors + min(lane, count - 1) * stride
        let row1 = vectors + min(lane + 1, count - 1) * stride
        let row2 = vectors + min(lane + 2, count - 1) * stride
        let row3 = vectors + min(lane + 3, count - 1) * stride
        var output = panel + lane
        var j = 0
        while j + 4 <= dimension {
            let shift = loadFour(origin + j)
            let (a, b, c, d) = transposed(
                loadFour(row0 + j) - shift, loadFour(row1 + j) - shift, loadFour(row2 + j) - shift,
                loadFour(row3 + j) - shift)
            storeFour(a, output)
            storeFour(b, output + width)
            storeFour(c, output + 2 * width)
            storeFour(d, output + 3 * width)
            output += 4 * width
            j += 4
        }
        while j < dimension {
            storeFour(SIMD4(row0[j], row1[j], row2[j], row3[j]) - origin[j], output)
            output += width
            j += 1
        }
        lane += 4
    }
}

@inline(__always)
func loadFour(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(__always)
func storeFour(_ value: SIMD4<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD4<Float>.self)
}
