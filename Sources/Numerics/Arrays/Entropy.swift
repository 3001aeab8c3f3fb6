import Foundation

/// The entropy of frequencies given as counts, in bits; 0 if nothing was counted.
///
///     let bits = entropy(ofCounts: [1, 1, 2])                 // 1.5
public func entropy(ofCounts counts: some Sequence<Double>) -> Double {
    let total = counts.reduce(0, +)
    guard total > 0 else { return 0 }
    return counts.reduce(0) { $1 > 0 ? $0 - $1 / total * log2($1 / total) : $0 }
}
