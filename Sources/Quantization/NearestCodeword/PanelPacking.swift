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
    // Four rows at a time touch a quarter of each line of the panel, which should not leave the first cache level before
    // the next four come: hence some dimensions at a time.
    let slice = 128
    var first = 0
    while first < dimension {
        let end = min(dimension, first + slice)
        var lane = 0
        while lane < ScoreTile.vectors {
            packFour(
                vectors + min(lane, count - 1) * stride, vectors + min(lane + 1, count - 1) * stride,
                vectors + min(lane + 2, count - 1) * stride, vectors + min(lane + 3, count - 1) * stride,
                dimensions: first..<end, origin: origin, panel: panel + lane)
            lane += 4
        }
        first = end
    }
}

@inline(__always)
private func packFour(
    _ row0: UnsafePointer<Float>, _ row1: UnsafePointer<Float>, _ row2: UnsafePointer<Float>,
    _ row3: UnsafePointer<Float>, dimensions: Range<Int>, origin: UnsafePointer<Float>,
    panel: UnsafeMutablePointer<Float>
) {
    let width = ScoreTile.vectors
    var j = dimensions.lowerBound
    var output = panel + j * width
    while j + 4 <= dimensions.upperBound {
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
    while j < dimensions.upperBound {
        storeFour(SIMD4(row0[j], row1[j], row2[j], row3[j]) - origin[j], output)
        output += width
        j += 1
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
