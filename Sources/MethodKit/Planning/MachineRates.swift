import Numerics
import Quantization

/// How fast one core of this machine is at what training consists of, measured in well under a second.
///
///     let rates = MachineRates.measure()
///     rates.product / 1e9                                     // GFLOP/s of a matrix product
///     rates.memory / 1e9                                      // GB/s read plus written in a copy
///
/// The search is of 4096 vectors in 64 dimensions among 256 codewords and counts 2 operations a dimension and codeword,
/// though it does no more than the product's multiplications and additions.
public struct MachineRates: Sendable, Codable {
    /// Operations a second in a 768 x 768 x 768 product.
    public var product: Double
    /// Operations a second in a nearest-codeword search.
    public var search: Double
    /// Bytes read and written a second in a copy that no cache holds.
    public var memory: Double

    public init(product: Double, search: Double, memory: Double) {
        self.product = product
        self.search = search
        self.memory = memory
    }

    /// - Parameter limit: seconds for each of the three.
    public static func measure(limit: Double = 0.2) -> MachineRates {
        MachineRates(
            product: productRate(768, limit: limit), search: searchRate(limit: limit), memory: copyRate(limit: limit))
    }

    private static func productRate(_ size: Int, limit: Double) -> Double {
        let (a, b) = (filled(size * size), filled(size * size))
        let c = AlignedBuffer<Float>(count: size * size)
        let seconds = Stopwatch.fastest(within: limit, using: [a, b, c]) {
            gemm(rows: size, columns: size, inner: size, a: a.pointer, b: b.pointer, c: c.pointer)
        }
        return 2 * Double(size * size * size) / seconds
    }

    private static func searchRate(limit: Double) -> Double {
        let (count, dimension, codewords) = (4096, 64, 256)
        let seconds = searchSeconds(count: count, dimension: dimension, codewords: codewords, limit: limit)
        return 2 * Double(count * dimension * codewords) / seconds
    }

    /// Seconds to search `count` vectors.
    public static func searchSeconds(count: Int, dimension: Int, codewords: Int, limit: Double) -> Double {
        let vectors = filled(count * dimension)
        let search = NearestCodeword(codewords: codewords, dimension: dimension)
        let codebook = filled(codewords * dimension)
        withExtendedLifetime(codebook) { search.prepare(codebook.pointer, stride: dimension) }
        let workspace = search.makeWorkspace()
        let indices = AlignedBuffer<Int32>(count: count)
        let distances = AlignedBuffer<Float>(count: count)
        return Stopwatch.fastest(within: limit, using: [vectors, search, workspace, indices, distances]) {
            search.assign(
                vectors.pointer, count: count, stride: dimension, indices: indices.pointer,
                squaredDistances: distances.pointer, workspace: workspace)
        }
    }

    private static func copyRate(limit: Double) -> Double {
        let count = 16 << 20
        let source = AlignedBuffer<Float>(count: count)
        let target = AlignedBuffer<Float>(count: count)
        let seconds = Stopwatch.fastest(within: limit, using: [source, target]) {
            target.pointer.update(from: source.pointer, count: count)
        }
        return 8 * Double(count) / seconds
    }

    /// Numbers without structure in -1..<1, always the same.
    public static func filled(_ count: Int) -> AlignedBuffer<Float> {
        let buffer = AlignedBuffer<Float>(count: count)
        var state: UInt32 = 1
        for index in 0..<count {
            state = state &* 1_664_525 &+ 1_013_904_223
            buffer[index] = Float(Int32(bitPattern: state)) * 0x1p-31
        }
        return buffer
    }
}
