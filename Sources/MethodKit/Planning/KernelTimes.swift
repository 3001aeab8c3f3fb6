import Datasets
import Numerics
import Quantization

/// Seconds that the parts of training take on one core of this machine, each measured at the shape it will have.
///
///     let times = KernelTimes(codewords: 256, actives: [7, 120, 850], memoryRate: 19e9)
///     times.search(active: 300)                               // one vector among 256 codewords of 300 entries
///     // measured at the given sizes, on a straight line in between
public struct KernelTimes {
    /// K.
    public let codewords: Int
    /// Bytes read and written a second.
    public let memoryRate: Double
    private let searches: [(active: Int, seconds: Double)]
    /// VR-Kmeans' M-step, one dimension.
    public let regularizedUpdate: Double
    /// One element of a sum of squares in `Double`.
    public let square: Double

    /// - Parameter actives: sizes of active sets that occur, in any order.
    public init(codewords: Int, actives: [Int], memoryRate: Double, limit: Double = 0.05) {
        self.codewords = codewords
        self.memoryRate = memoryRate
        let sorted = Array(Set(actives)).sorted()
        let last = max(sorted.count - 1, 1)
        let chosen = Set([0, last / 4, last / 2, last].map { min($0, sorted.count - 1) }).sorted().map { sorted[$0] }
        searches = chosen.map { active in
            // As many vectors as a megabyte holds: enough to fill the caches, few enough to be quick.
            let count = max(16, min(1024, (1 << 18) / active))
            // The cost is proportional to both sizes, so what would take too much memory is scaled up from less.
            let dimension = min(active, 1 << 20)
            let words = max(1, min(codewords, (1 << 24) / dimension))
            let seconds = MachineRates.searchSeconds(
                count: count, dimension: dimension, codewords: words, limit: limit)
            let scale = Double(active) / Double(dimension) * Double(codewords) / Double(words)
            return (active, seconds * scale / Double(count))
        }
        regularizedUpdate = Self.updateSeconds(codewords: codewords, limit: limit)
        square = Self.squareSeconds(limit: limit / 2)
    }

    /// Seconds for one vector.
    public func search(active: Int) -> Double {
        guard let upper = searches.firstIndex(where: { $0.active >= active }) else {
            let last = searches[searches.count - 1]
            return last.seconds * Double(active) / Double(last.active)
        }
        guard upper > 0 else { return searches[0].seconds * Double(active) / Double(searches[0].active) }
        let (low, high) = (searches[upper - 1], searches[upper])
        let share = Double(active - low.active) / Double(high.active - low.active)
        return low.seconds + share * (high.seconds - low.seconds)
    }

    /// One matrix product of this shape.
    public static func product(rows: Int, columns: Int, inner: Int, limit: Double = 0.05) -> Double {
        guard rows > 0, columns > 0, inner > 0 else { return 0 }
        let most = 1 << 13
        guard rows <= most, columns <= most, inner <= most else {
            let scale = [rows, columns, inner].reduce(1.0) { $0 * max(1, Double($1) / Double(most)) }
            return scale
                * product(rows: min(rows, most), columns: min(columns, most), inner: min(inner, most), limit: limit)
        }
        let a = MachineRates.filled(rows * inner)
        let b = MachineRates.filled(inner * columns)
        let c = AlignedBuffer<Float>(count: rows * columns)
        return Stopwatch.fastest(within: limit, using: [a, b, c]) {
            gemm(rows: rows, columns: columns, inner: inner, a: a.pointer, b: b.pointer, c: c.pointer)
        }
    }

    /// One band's covariances of one shard: the band's columns of `rows` vectors, each `stride` floats long, so that
    /// rows lie far apart.
    public static func covariance(width: Int, rows: Int, stride: Int, limit: Double = 0.05) -> Double {
        guard width > 0, rows > 0 else { return 0 }
        // As many vectors as 64 MB hold; more take longer in proportion.
        let used = min(rows, max(1, (16 << 20) / stride))
        let columns = min(width, 1 << 12)
        let vectors = MachineRates.filled(used * stride)
        let sums = AlignedBuffer<Float>(count: columns * columns)
        let seconds = Stopwatch.fastest(within: limit, using: [vectors, sums]) {
            gemm(
                rows: columns, columns: columns, inner: used, a: vectors.pointer, transposeA: true, aStride: stride,
                b: vectors.pointer, bStride: stride, c: sums.pointer)
        }
        let scale = Double(width) / Double(columns)
        return seconds * scale * scale * Double(rows) / Double(used)
    }

    /// One eigenproblem; large ones are scaled up from a smaller one by the cube of the order.
    public static func eigenproblem(order: Int) throws -> Double {
        let size = min(order, 384)
        let vectors = Matrix(rows: 2 * size, columns: size, storage: MachineRates.filled(2 * size * size))
        let covariance = matrixProduct(vectors, vectors, transposeA: true)
        var failure: (any Error)?
        let seconds = Stopwatch.fastest(within: 0.05, using: [covariance]) {
            do { _ = try symmetricEigen(covariance) } catch { failure = error }
        }
        if let failure { throw failure }
        let scale = Double(order) / Double(size)
        return seconds * scale * scale * scale
    }

    private static func updateSeconds(codewords: Int, limit: Double) -> Double {
        let most = 1 << 14
        guard codewords <= most else {
            return updateSeconds(codewords: most, limit: limit) * Double(codewords) / Double(most)
        }
        let columns = 64
        let sums = MachineRates.filled(codewords * columns)
        let codebook = Matrix(rows: codewords, columns: columns)
        let update = VarianceRegularizedUpdate(
            targets: Array(repeating: Double(codewords) / 8, count: columns), lambda: 10, seed: 1, step: 0)
        let counts = (0..<codewords).map { Float(1 + $0 % 16) }
        return Stopwatch.fastest(within: limit, using: [sums, codebook]) {
            update.solve(sums: sums.pointer, counts: counts, codebook: codebook, columns: 0..<columns)
        } / Double(columns)
    }

    private static func squareSeconds(limit: Double) -> Double {
        let count = 1 << 16
        let values = MachineRates.filled(count)
        let sums = AlignedBuffer<Double>(count: count)
        return Stopwatch.fastest(within: limit, using: [values, sums]) {
            let (row, total) = (values.pointer, sums.pointer)
            for index in 0..<count { total[index] += Double(row[index]) * Double(row[index]) }
        } / Double(count)
    }
}
