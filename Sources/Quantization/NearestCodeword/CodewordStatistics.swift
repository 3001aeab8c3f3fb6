/// Adds each vector to its codeword's sum and count: the statistics of a K-means step.
///
///     accumulateStatistics(vectors, count: n, stride: d, dimension: d, indices: indices, counts: counts, sums: sums)
///     // new codeword k = sums[k] / counts[k]
///
/// - Parameters:
///   - vectors: `count` rows of `dimension` floats, `stride` floats apart.
///   - indices: the codeword of each vector, each within `counts`.
///   - counts: one number per codeword, added to; exact up to 2^24 vectors.
///   - sums: codewords x `dimension`, contiguous, added to in the order of the vectors.
/// The floor is the memory traffic: one read of the vectors.
public func accumulateStatistics(
    _ vectors: UnsafePointer<Float>, count: Int, stride: Int, dimension: Int, indices: UnsafePointer<Int32>,
    counts: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
) {
    for i in 0..<count {
        let codeword = Int(indices[i])
        assert(codeword >= 0)
        counts[codeword] += 1
        let row = vectors + i * stride
        let sum = sums + codeword * dimension
        var j = 0
        while j + 16 <= dimension {
            let value = UnsafeRawPointer(row + j).loadUnaligned(as: SIMD16<Float>.self)
            let old = UnsafeRawPointer(sum + j).loadUnaligned(as: SIMD16<Float>.self)
            UnsafeMutableRawPointer(sum + j).storeBytes(of: old + value, as: SIMD16<Float>.self)
            j += 16
        }
        while j + 4 <= dimension {
            storeFour(loadFour(sum + j) + loadFour(row + j), sum + j)
            j += 4
        }
        while j < dimension {
            sum[j] += row[j]
            j += 1
        }
    }
}
