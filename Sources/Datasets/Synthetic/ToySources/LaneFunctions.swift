/// Elementary functions of eight values at once, in multiplications and additions only: the same bits on every machine.
///
/// Errors are below 2e-7 of the value, as tests check against the mathematical library; it would take ten times as long.
enum LaneFunctions {
    typealias Lanes = SIMD8<Float>

    /// (word + 1/2) / 2^32 rounded to `Float`: in (0, 1], with small values as finely resolved as `Float` can.
    @inline(__always)
    static func unit(_ word: SIMD8<UInt32>) -> Lanes {
        // Both halves of the word as mantissas of known exponents; their sum is rounded once.
        let high = Lanes(bits: (word &>> 16) | SIMD8(repeating: 0x5300_0000)) - 0x1p39
        let low = Lanes(bits: (word & SIMD8(repeating: 0xFFFF)) | SIMD8(repeating: 0x4B00_0000)) - (0x1p23 - 0.5)
        return (high + low) * 0x1p-32
    }

    /// The natural logarithm of normal numbers.
    @inline(__always)
    static func logarithm(_ value: Lanes) -> Lanes {
        // value = m * 2^e with m in [sqrt(1/2), sqrt 2); the offset carries into the exponent where m would exceed it.
        let bits = SIMD8<UInt32>(bitsOf: value)
        let shifted = bits &+ SIMD8(repeating: 0x3F80_0000 - 0x3F35_04F3)
        let exponentBits = shifted &>> 23
        let mantissa = Lanes(bits: (shifted & SIMD8(repeating: 0x007F_FFFF)) &+ SIMD8(repeating: 0x3F35_04F3))
        let exponent = Lanes(bits: exponentBits | SIMD8(repeating: 0x4B00_0000)) - (0x1p23 + 127)
        // log m = 2 artanh(s) with s = (m - 1) / (m + 1), |s| < 0.1716: odd powers up to the ninth.
        let difference = mantissa - 1
        let s = difference / (mantissa + 1)
        let z = s * s
        var series = z * (2.0 / 9) + (2.0 / 7)
        series = series * z + (2.0 / 5)
        series = series * z + (2.0 / 3)
        // 2 s = difference - difference * s exactly in the reals: the leading term then carries no division's rounding.
        let small = s * (z * series - difference) + difference
        return exponent * 0.693_359_375 + (small + exponent * -2.121_944_4e-4)
    }

    /// Cosine and sine of 2 pi word / 2^32.
    @inline(__always)
    static func circle(_ word: SIMD8<UInt32>) -> (cosine: Lanes, sine: Lanes) {
        // The nearest multiple of a quarter turn, and what is left, in [-pi/4, pi/4).
        let turned = word &+ SIMD8(repeating: 1 << 29)
        let quarter = turned &>> 30
        let rest = turned & SIMD8(repeating: 1 << 30 - 1)
        let high = Lanes(bits: (rest &>> 16) | SIMD8(repeating: 0x5300_0000)) - (0x1p39 + 0x1p29)
        let low = Lanes(bits: (rest & SIMD8(repeating: 0xFFFF)) | SIMD8(repeating: 0x4B00_0000)) - 0x1p23
        let angle = (high + low) * (Float.pi * 0x1p-31)
        let z = angle * angle
        var odd = z * -1.951_529_6e-4 + 8.332_161e-3
        odd = odd * z - 1.666_665_5e-1
        let sine = odd * z * angle + angle
        var even = z * 2.443_315_7e-5 - 1.388_731_6e-3
        even = even * z + 4.166_664_6e-2
        let cosine = even * z * z - z * 0.5 + 1
        // Odd quarters swap the two; the second and third negate the cosine, the third and fourth the sine.
        let odds = (quarter & SIMD8(repeating: 1)) .== SIMD8(repeating: 1)
        let cosineSign = ((quarter &+ SIMD8(repeating: 1)) & SIMD8(repeating: 2)) &<< 30
        let sineSign = (quarter & SIMD8(repeating: 2)) &<< 30
        let swappedCosine = cosine.replacing(with: sine, where: odds)
        let swappedSine = sine.replacing(with: cosine, where: odds)
        return (
            Lanes(bits: SIMD8<UInt32>(bitsOf: swappedCosine) ^ cosineSign),
            Lanes(bits: SIMD8<UInt32>(bitsOf: swappedSine) ^ sineSign)
        )
    }

    /// Positive values, negated where the word's top bit is set.
    @inline(__always)
    static func copyingSign(of word: SIMD8<UInt32>, to value: Lanes) -> Lanes {
        Lanes(bits: SIMD8<UInt32>(bitsOf: value) | (word & SIMD8(repeating: 1 << 31)))
    }
}

extension SIMD8 where Scalar == Float {
    @inline(__always)
    fileprivate init(bits: SIMD8<UInt32>) { self = unsafeBitCast(bits, to: Self.self) }
}

extension SIMD8 where Scalar == UInt32 {
    @inline(__always)
    fileprivate init(bitsOf value: SIMD8<Float>) { self = unsafeBitCast(value, to: Self.self) }
}
