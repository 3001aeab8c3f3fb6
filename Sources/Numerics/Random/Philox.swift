/// The counter-based random generator Philox 4x32-10: a keyed bijection of 128-bit counters.
///
///     let words = Philox.block(counter: .init(0, 0, 0, 0), key: .init(0, 0))
///     // words[0] == 0x6627e8d5
///
/// Nothing is stored between calls, so what is drawn depends on the counter alone and never on who draws it or when.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public enum Philox {
    /// The four 32-bit words that belong to `counter` under `key`.
    @inlinable public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var counter = counter
        var key = key
        for round in 0..<10 {
            if round > 0 { key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85) }
            let first = UInt64(counter[0]) &* 0xD251_1F53
            let second = UInt64(counter[2]) &* 0xCD9E_8D57
            counter = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ counter[1] ^ key[0],
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ counter[3] ^ key[1],
                UInt32(truncatingIfNeeded: first))
        }
        return counter
    }
}
