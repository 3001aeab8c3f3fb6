import Numerics

/// The codewords of one layer: K vectors that are zero outside the layer's active dimensions.
///
///     let codebook = SparseCodebook(dimension: 32256, active: [0, 1, 5], codewords: 256)
///     codebook.values[7, 2] = 0.5                             // codeword 7, dimension 5
///     let entries = codebook.values.row(7)                    // of codeword 7 on the active dimensions
///
/// Stored dense over the active dimensions only: 100 dense layers of 256 x 32256 would take 3.3 GB.
/// Source: RRQ paper, section II: inactivity of dimensions below the water level makes codewords sparse.
public final class SparseCodebook: @unchecked Sendable {
    /// Dimension of the vectors that are quantized.
    public let dimension: Int
    /// The dimensions in which codewords may differ from zero, ascending.
    public let active: [Int32]
    /// K x active.count.
    public let values: Matrix

    /// K, the number of codewords.
    public var codewords: Int { values.rows }

    /// A codebook of zeros.
    /// - Parameter active: ascending, each in 0 ..< `dimension`.
    public init(dimension: Int, active: [Int32], codewords: Int) {
        assert(zip(active, active.dropFirst()).allSatisfy { $0 < $1 }, "active dimensions must ascend")
        assert(active.allSatisfy { $0 >= 0 && $0 < dimension })
        self.dimension = dimension
        self.active = active
        values = Matrix(rows: codewords, columns: active.count)
    }

    /// A codebook over all dimensions, as plain K-means learns it.
    public convenience init(dimension: Int, codewords: Int) {
        self.init(dimension: dimension, active: (0..<Int32(dimension)).map { $0 }, codewords: codewords)
    }

    /// Copies the active entries of a vector of `dimension` floats into `active.count` floats side by side.
    @inlinable public func gather(
        _ vector: UnsafePointer<Float>, into compact: UnsafeMutablePointer<Float>
    ) {
        active.withUnsafeBufferPointer { active in
            if active.count == dimension {
                compact.update(from: vector, count: dimension)
            } else {
                for index in 0..<active.count { compact[index] = vector[Int(active[index])] }
            }
        }
    }

    /// Writes `active.count` compact entries back to the active dimensions of a vector of `dimension` floats.
    @inlinable public func scatter(
        _ compact: UnsafePointer<Float>, into vector: UnsafeMutablePointer<Float>
    ) {
        active.withUnsafeBufferPointer { active in
            if active.count == dimension {
                vector.update(from: compact, count: dimension)
            } else {
                for index in 0..<active.count { vector[Int(active[index])] = compact[index] }
            }
        }
    }

    /// Mean over codewords of the squared entries, per active dimension: the codebook's variance that VR-Kmeans
    /// regularizes.
    public func variances() -> [Double] {
        var sums = [Double](repeating: 0, count: active.count)
        for codeword in 0..<codewords {
            let row = values.row(codeword)
            for index in 0..<active.count { sums[index] += Double(row[index]) * Double(row[index]) }
        }
        return sums.map { $0 / Double(max(codewords, 1)) }
    }
}
