/// Elementary functions without branches, tables or fused operations: the same bits on every machine, and loops over them
/// become vector instructions.
///
/// Errors are below 3e-7 of the value, as tests check against the mathematical library, which takes ten times as long.
enum ElementaryFunctions {
    /// (word + 1/2) / 2^32 rounded to `Float`: in (0, 1], with small values as finely resolved as `Float` can.
    @inline(__always)
    static func unit(_ word: UInt32) -> Float {
        // Both halves of the word as mantissas of known exponents; their sum is rounded once.
        let high = Float(bitPattern: word >> 16 | 0x5300_0000) - 0x1p39
        let low = Float(bitPattern: word & 0xFFFF | 0x4B00_0000) - (0x1p23 - 0.5)
        return (high + low) * 0x1p-32
    }

    /// The natural logarithm of a normal number.
    @inline(__always)
    static func logarithm(_ value: Float) -> Float {
        // value = m * 2^e with m in [sqrt(1/2), sqrt 2); the offset carries into the exponent if m would exceed it.
        let shifted = value.bitPattern &+ (0x3F80_0000 - 0x3F35_04F3)
        let mantissa = Float(bitPattern: (shifted & 0x007F_FFFF) &+ 0x3F35_04F3)
        let exponent = Float(bitPattern: shifted >> 23 | 0x4B00_0000) - (0x1p23 + 127)
        // log m = 2 artanh(s) with s = (m - 1) / (m + 1), |s| < 0.1716: odd powers up to the ninth.
        let difference = mantissa - 1
        let s = difference / (mantissa + 1)
        let z = s * s
        var series = z * (2.0 / 9) + (2.0 / 7)
        series = series * z + (2.0 / 5)
        series = series * z + (2.0 / 3)
        // 2 s = difference - s difference: the leading term then carries no division's rounding.
        let small = s * (z * series - difference) + difference
        return exponent * 0.693_359_375 + (small + exponent * -2.121_944_4e-4)
    }

    /// The square root of 0 or of a normal number above 0.
    @inline(__always)
    static func squareRoot(_ value: Float) -> Float {
        // The library's has a branch for negative numbers, which keeps loops from becoming vector instructions. A guess by
        // halving the exponent, three of Newton's steps for 1 / sqrt, one of Heron's.
        var inverse = Float(bitPattern: 0x5F37_59DF &- value.bitPattern >> 1)
        let half = value * 0.5
        inverse = inverse * (1.5 - half * inverse * inverse)
        inverse = inverse * (1.5 - half * inverse * inverse)
        inverse = inverse * (1.5 - half * inverse * inverse)
        let root = value * inverse
        return root + (value - root * root) * (inverse * 0.5)
    }

    /// Cosine and sine of 2 pi word / 2^32.
    @inline(__always)
    static func circle(_ word: UInt32) -> (cosine: Float, sine: Float) {
        // The nearest multiple of a quarter turn, and what is left, in [-pi/4, pi/4).
        let turned = word &+ (1 << 29)
        let quarter = turned >> 30
        let rest = turned & (1 << 30 - 1)
        let high = Float(bitPattern: rest >> 16 | 0x5300_0000) - (0x1p39 + 0x1p29)
        let low = Float(bitPattern: rest & 0xFFFF | 0x4B00_0000) - 0x1p23
        let angle = (high + low) * (Float.pi * 0x1p-31)
        let z = angle * angle
        let odd = ((z * -1.951_529_6e-4 + 8.332_161e-3) * z - 1.666_665_5e-1) * z * angle + angle
        let even = (((z * 2.443_315_7e-5 - 1.388_731_6e-3) * z + 4.166_664_6e-2) * z - 0.5) * z + 1
        // Odd quarters swap the two; the second and third negate the cosine, the third and fourth the sine.
        let swaps = 0 &- (quarter & 1)
        let (first, second) = (even.bitPattern, odd.bitPattern)
        let cosine = (first & ~swaps | second & swaps) ^ ((quarter &+ 1) & 2) << 30
        let sine = (second & ~swaps | first & swaps) ^ (quarter & 2) << 30
        return (Float(bitPattern: cosine), Float(bitPattern: sine))
    }

    /// A positive value, negated if the word's top bit is set.
    @inline(__always)
    static func copyingSign(of word: UInt32, to value: Float) -> Float {
        Float(bitPattern: value.bitPattern | word & (1 << 31))
    }
}
