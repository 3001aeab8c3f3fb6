import Numerics

/// From a row of logits to the slices of the coder's range: softmax in integers.
///
///     let slices = LogitSlices(symbols: 512)
///     guard slices.prepare(logits) else { throw noProbabilities }
///     encoder.append(slices.slice(of: 17))
///     let (symbol, slice) = slices.symbol(at: decoder.offset)
///
/// weight = e^(logit - largest logit) in 22 bits, by elementwise arithmetic that is the same everywhere; from there on
/// integers: size = 1 + floor(weight share), and what rounding leaves goes to the largest. So encoder and decoder have
/// the same slices wherever they have the same logits. A symbol's least probability is 2^-24.
///
/// Source: NVTC paper, Eq. 1, discretized.
package final class LogitSlices {
    private static let weightBits: UInt64 = 22

    /// The number of symbols.
    package let symbols: Int
    private let weights: AlignedBuffer<UInt32>
    private let sizes: AlignedBuffer<UInt32>
    /// The first symbol with the largest logit, which takes what is left.
    private var largest = 0

    /// - Precondition: at most 4096 symbols, so that sums fit.
    package init(symbols: Int) {
        precondition((1...4096).contains(symbols))
        self.symbols = symbols
        weights = AlignedBuffer(count: symbols + Lanes.scalarCount)
        sizes = AlignedBuffer(count: symbols)
    }

    /// Computes the slices of a row of logits.
    /// - Returns: false if a logit is not finite.
    package func prepare(_ logits: UnsafePointer<Float>) -> Bool {
        guard let total = weigh(logits) else { return false }
        let share = UInt64(RangeSlice.whole) - UInt64(symbols)
        let scale = (share << Self.weightBits) / total
        let (weights, sizes) = (weights.pointer, sizes.pointer)
        var sum: UInt32 = 0
        for symbol in 0..<symbols {
            let size = 1 &+ UInt32(truncatingIfNeeded: (UInt64(weights[symbol]) &* scale) &>> Self.weightBits)
            sizes[symbol] = size
            sum &+= size
        }
        sizes[largest] += RangeSlice.whole - sum
        return true
    }

    /// The weights of all symbols and their sum, and which is the largest; nil if a logit is not finite.
    private func weigh(_ logits: UnsafePointer<Float>) -> UInt64? {
        var most = logits[0]
        for symbol in 0..<symbols { most = max(most, logits[symbol]) }
        let offset = Lanes(repeating: most)
        // In 2^23 ..< 2^24 a float's low bits are an integer.
        let (factor, magic) = (Lanes(repeating: 4_194_304), Lanes(repeating: 8_388_608))
        let lanes = Lanes.scalarCount
        var first = 0
        while first < symbols {
            let left = symbols &- first
            let values = left >= lanes ? load(logits + first) : loadPart(logits + first, count: left)
            let weight = multiplyAdd(exponential(values - offset), factor, plus: magic)
            UnsafeMutableRawPointer(weights.pointer + first).storeBytes(of: weight, as: Lanes.self)
            first &+= lanes
        }
        var (sum, any): (UInt64, UInt32) = (0, 0)
        for symbol in 0..<symbols {
            let weight = weights.pointer[symbol] &- 0x4B00_0000
            weights.pointer[symbol] = weight
            sum &+= UInt64(weight)
            any |= weight
        }
        // One weight is 2^22, none is larger, unless something was not a number.
        guard any < 1 << UInt32(Self.weightBits + 1), sum >= 1 << Self.weightBits, most.isFinite else { return nil }
        for symbol in 0..<symbols where weights.pointer[symbol] == 1 << UInt32(Self.weightBits) {
            largest = symbol
            return sum
        }
        return nil
    }

    /// What a symbol takes of the range in the row prepared last; never empty.
    package func slice(of symbol: Int) -> RangeSlice {
        var start: UInt32 = 0
        for before in 0..<symbol { start &+= sizes.pointer[before] }
        return RangeSlice(start: start, size: sizes.pointer[symbol])
    }

    /// The symbol whose slice holds an offset in 0 ..< 2^24, and that slice.
    package func symbol(at offset: UInt32) -> (symbol: Int, slice: RangeSlice) {
        var (start, symbol): (UInt32, Int) = (0, 0)
        while offset &- start >= sizes.pointer[symbol] {
            start &+= sizes.pointer[symbol]
            symbol &+= 1
        }
        return (symbol, RangeSlice(start: start, size: sizes.pointer[symbol]))
    }
}
