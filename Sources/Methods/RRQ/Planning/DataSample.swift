import Datasets
import Numerics
import Training

/// A few of the training items, read as the run will read them: how long that takes, and their variances.
///
///     let sample = try DataSample(source, transform: transform, most: 200, seed: 1)
///     sample.variances                                        // of every dimension, after the cosine transform
///     sample.secondsAnItem                                    // to read and transform one
struct DataSample {
    /// Items that were read.
    let count: Int
    /// Of the decorrelated vectors, as far as a sample can tell: bands narrower than half the sample get their
    /// principal components, the others' variances are those of the coefficients themselves.
    let variances: [Double]
    /// To read and transform one.
    let secondsAnItem: Double
    /// Of it, the cosine transform alone.
    let secondsATransform: Double

    /// - Parameters:
    ///   - most: at most so many items, and no more than fit into 256 MB.
    ///   - seed: of the choice of items.
    /// - Throws: `LloydError` for an item that cannot be read.
    init(_ source: any VectorSource, transform: DecorrelatingTransform, most: Int, seed: UInt64) throws {
        // A sample may cost no more than a fraction of what the run itself takes.
        let room = max(8, (256 << 20) / (4 * source.dimension))
        count = min(source.count, most, room)
        let order = CounterRandom(seed: seed, purpose: .sampling).permutation(count: source.count)
        let pixels = AlignedBuffer<Float>(count: source.dimension)
        let scratch = AlignedBuffer<Float>(count: transform.scratchCount)
        let vectors = Matrix(rows: count, columns: source.dimension)
        let clock = ContinuousClock()
        let start = clock.now
        var transforming = 0.0
        for (row, item) in order.prefix(count).enumerated() {
            try source.read(item, into: pixels.elements)
            let mark = clock.now
            transform.frequencies(
                of: pixels.pointer, into: vectors.pointer + row * source.dimension, scratch: scratch.pointer)
            transforming += (clock.now - mark).seconds
        }
        withExtendedLifetime((pixels, scratch)) {}
        secondsAnItem = (clock.now - start).seconds / Double(max(count, 1))
        secondsATransform = transforming / Double(max(count, 1))
        variances = try Self.variances(vectors, transform)
    }

    private static func variances(_ vectors: Matrix, _ transform: DecorrelatingTransform) throws -> [Double] {
        let (rows, columns) = (vectors.rows, vectors.columns)
        guard rows > 1 else { return Array(repeating: 1, count: columns) }
        var means = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            let vector = vectors.pointer + row * columns
            for index in 0..<columns { means[index] += Double(vector[index]) }
        }
        var sums = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            let vector = vectors.pointer + row * columns
            for index in 0..<columns {
                vector[index] -= Float(means[index] / Double(rows))
                sums[index] += Double(vector[index]) * Double(vector[index])
            }
        }
        var variances = sums.map { $0 / Double(rows - 1) }
        guard transform.settings.principalComponents else { return variances }
        for band in transform.subbands.bands where 2 * band.count <= rows {
            let part = Matrix(rows: rows, columns: band.count)
            for row in 0..<rows {
                (part.pointer + row * band.count).update(
                    from: vectors.pointer + row * columns + band.lowerBound, count: band.count)
            }
            let (_, values) = try symmetricEigen(matrixProduct(part, part, transposeA: true))
            for (index, value) in values.enumerated() {
                variances[band.lowerBound + index] = Double(max(value, 0)) / Double(rows - 1)
            }
        }
        return variances
    }
}
