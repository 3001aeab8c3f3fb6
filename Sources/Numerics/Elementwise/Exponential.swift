/// e^x of each lane, within 2 units in the last place; arguments below -87 give e^-87, above 88 e^88.
///
///     let e = exponential(Lanes(repeating: 1))[0]             // 2.7182817
///
/// x = n ln 2 + r with |r| <= ln 2 / 2: a polynomial gives e^r, and n is added to its exponent. The coefficients are
/// Taylor's, the last ones adjusted to the interval.
@inlinable @inline(__always)
public func exponential(_ x: Lanes) -> Lanes {
    // Spelled out: the standard library's `clamped` is a call that works lane by lane.
    let low = Lanes(repeating: -87)
    let high = Lanes(repeating: 88)
    let bounded = x.replacing(with: low, where: x .< low)
    let clamped = bounded.replacing(with: high, where: bounded .> high)
    // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer, and leaves it in the low bits.
    let magic = Lanes(repeating: 12_582_912)
    let shifted = multiplyAdd(clamped, Lanes(repeating: 1.442_695_04), plus: magic)
    let n = shifted - magic
    // ln 2 in two parts, so that n ln 2 is subtracted without rounding.
    var r = multiplyAdd(n, Lanes(repeating: -0.693_359_375), plus: clamped)
    r = multiplyAdd(n, Lanes(repeating: 2.121_944_4e-4), plus: r)
    var sum = Lanes(repeating: 1.388_89e-3)
    sum = multiplyAdd(sum, r, plus: Lanes(repeating: 8.333_34e-3))
    sum = multiplyAdd(sum, r, plus: Lanes(repeating: 4.166_67e-2))
    sum = multiplyAdd(sum, r, plus: Lanes(repeating: 1.666_666_7e-1))
    sum = multiplyAdd(sum, r, plus: Lanes(repeating: 0.5))
    sum = multiplyAdd(sum, r, plus: Lanes(repeating: 1))
    sum = multiplyAdd(sum, r, plus: Lanes(repeating: 1))
    let bits = unsafeBitCast(shifted, to: IntegerLanes.self) &- IntegerLanes(repeating: 0x4B40_0000)
    let power = (bits &+ IntegerLanes(repeating: 127)) &<< IntegerLanes(repeating: 23)
    return sum * unsafeBitCast(power, to: Lanes.self)
}
