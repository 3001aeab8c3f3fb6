import Foundation

/// Symbols and the slices of the coder's range that they take, from how often each was counted.
///
///     let table = FrequencyTable(counts: [90, 9, 1])!
///     encoder.append(table.slice(of: 2))
///     let symbol = table.symbol(at: decoder.offset)
///
/// Integers only: the same counts give the same slices everywhere. Every symbol has a slice, also one never counted.
public struct FrequencyTable: Sendable {
    /// Where the slices begin, and 2^24 at the end.
    private let starts: [UInt32]

    /// - Parameter counts: how often each symbol was seen; only their ratios matter.
    /// - Returns: nil without symbols, or with more than 2^20.
    public init?(counts: [UInt64]) {
        guard !counts.isEmpty, counts.count <= 1 << 20 else { return nil }
        let largest = counts.max()!
        // Counts are brought below 2^32, so that products and sums fit.
        let shift = UInt64(max(0, 32 - largest.leadingZeroBitCount))
        let weights = counts.map { $0 >> shift }
        let total = max(weights.reduce(0, +), 1)
        let share = UInt64(RangeSlice.whole) - UInt64(counts.count)
        var sizes = weights.map { 1 + $0 * share / total }
        // What rounding has left goes to the most frequent, the first of equals.
        sizes[weights.firstIndex(of: weights.max()!)!] += UInt64(RangeSlice.whole) - sizes.reduce(0, +)
        var starts: [UInt32] = [0]
        for size in sizes { starts.append(starts.last! + UInt32(size)) }
        self.starts = starts
    }

    /// The number of symbols.
    public var symbols: Int { starts.count - 1 }

    /// What a symbol takes of the range; never empty.
    public func slice(of symbol: Int) -> RangeSlice {
        RangeSlice(start: starts[symbol], size: starts[symbol + 1] - starts[symbol])
    }

    /// The symbol whose slice holds an offset in 0 ..< 2^24.
    public func symbol(at offset: UInt32) -> Int {
        var (low, high) = (0, symbols)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}
