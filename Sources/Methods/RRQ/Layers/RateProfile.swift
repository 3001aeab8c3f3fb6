import Foundation
import Quantization

/// Where a layer spends its bits: the mean rate of blocks of dimensions that widen with the dimension, as octaves do.
///
///     let blocks = RateProfile.blocks(dimension: 32256)       // 0..<1, 1..<2, ... 29578..<32256
///     let bits = RateProfile.rates(allocation, blocks: blocks)
///
/// Variances decay fast, so the first hundred of 32256 dimensions need as much of the picture as the last thirty thousand.
enum RateProfile {
    /// Contiguous ranges from 0 to `dimension`; eight to an octave, none empty.
    static func blocks(dimension: Int) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var start = 0
        var exponent = 1.0
        while start < dimension {
            let end = min(dimension, max(start + 1, Int(exp2(exponent / 8))))
            blocks.append(start..<end)
            while Int(exp2(exponent / 8)) <= end { exponent += 1 }
            start = end
        }
        return blocks
    }

    /// Bits per dimension in each block: 1/2 log2(sigma_j^2 / gamma) of the active dimensions, 0 for the others.
    static func rates(_ allocation: ReverseWaterFilling, blocks: [Range<Int>]) -> [Double] {
        var rates = [Double](repeating: 0, count: blocks.count)
        var block = 0
        for (dimension, rate) in zip(allocation.active, allocation.rates) {
            while dimension >= blocks[block].upperBound { block += 1 }
            rates[block] += rate
        }
        return zip(rates, blocks).map { $0 / Double($1.count) }
    }
}
