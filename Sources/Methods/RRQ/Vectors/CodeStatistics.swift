import Foundation
import Numerics

/// How well codes fit their vectors, and how codewords are used, gathered block by block.
///
///     var statistics = CodeStatistics(codewords: [256, 256], dimension: 128)
///     statistics.add(codes: { codes[$0][$1] }, count: 1024)
///     statistics.add(sums)                                    // of a block: see `Sums`
///     statistics.summary.distortion                           // squared error over the vectors' variance
struct CodeStatistics {
    /// What a rank sums up for a block, as Doubles: squared error, squared length, and the vectors' sum, relative to a center.
    enum Sums {
        static let squaredError = 0
        static let squaredLength = 1
        static let first = 2
        static func count(dimension: Int) -> Int { first + dimension }
    }

    /// The figures of a `lloyd quantize`, as its JSON file has them.
    struct Summary: Codable, Equatable {
        struct Layer: Codable, Equatable {
            var layer: Int
            var codewords: Int
            /// Codewords that some vector took.
            var used: Int
            /// 2 to the entropy of the codewords' frequencies, at most K.
            var perplexity: Double
        }

        var vectors: Int
        var dimension: Int
        /// log2 K, summed over layers: bits of a code of fixed length.
        var bits: Double
        /// The mean squared error of a vector: a sum over dimensions.
        var squaredError: Double
        /// The squared error over the vectors' variance; 1 for codes that say nothing.
        var distortion: Double
        /// Share of the vectors whose whole code another vector has, too.
        var collisionRate: Double
        var layers: [Layer]
    }

    private let dimension: Int
    private var usage: [[Double]]
    private var sums: [Double]
    private var vectors = 0
    /// A checksum of every code; two codes with the same one count as equal.
    private var hashes: [UInt64] = []

    init(codewords: [Int], dimension: Int) {
        self.dimension = dimension
        usage = codewords.map { [Double](repeating: 0, count: $0) }
        sums = [Double](repeating: 0, count: Sums.count(dimension: dimension))
    }

    /// - Parameter codes: `count` rows of one index a layer.
    mutating func add(codes: (_ item: Int, _ layer: Int) -> Int, count: Int) {
        for item in 0..<count {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for layer in usage.indices {
                let index = codes(item, layer)
                usage[layer][index] += 1
                hash = (hash ^ UInt64(index)) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash >> 29
            }
            hashes.append(hash)
        }
        vectors += count
    }

    /// Adds a block's sums, in the order of the blocks.
    mutating func add(_ block: UnsafeBufferPointer<Double>) {
        for index in sums.indices { sums[index] += block[index] }
    }

    var summary: Summary {
        let count = Double(max(vectors, 1))
        let squares = sums[Sums.first...].reduce(0) { $0 + $1 * $1 }
        let variance = sums[Sums.squaredLength] / count - squares / (count * count)
        let error = sums[Sums.squaredError] / count
        return Summary(
            vectors: vectors, dimension: dimension,
            bits: usage.reduce(0) { $0 + log2(Double($1.count)) }, squaredError: error,
            distortion: variance > 0 ? error / variance : 0, collisionRate: Double(collisions) / count,
            layers: usage.enumerated().map { number, counts in
                .init(
                    layer: number + 1, codewords: counts.count, used: counts.count { $0 > 0 },
                    perplexity: exp2(entropy(ofCounts: counts)))
            })
    }

    private var collisions: Int {
        let sorted = hashes.sorted()
        return sorted.indices.count { index in
            (index > 0 && sorted[index - 1] == sorted[index])
                || (index + 1 < sorted.count && sorted[index + 1] == sorted[index])
        }
    }
}
