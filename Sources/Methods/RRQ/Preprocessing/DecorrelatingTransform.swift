import Datasets
import Numerics

/// The pre-processing that RRQ asks for: after it, dimensions are nearly uncorrelated and their variances decay.
///
///     let transform = DecorrelatingTransform(shape: shape, dimension: n, settings: settings)
///     transform.frequencies(of: pixels, into: vector, scratch: scratch)         // 2D-DCT, band order
///     // fitted from training data by PreprocessingFit: mean and the bands' PCA
///     // and applied to all vectors in place; this undoes all of it:
///     transform.restorePixels(vectors, count: 8, scratch: scratch)
///
/// Source: Fig. 2 of the RRQ paper: global 2D-DCT, sub-bands, local PCA without dimension reduction. Every step is
/// orthonormal (but for the mean), so squared errors are the same before and after, and all of it can be undone to float
/// precision.
package final class DecorrelatingTransform: @unchecked Sendable {
    /// Which steps there are, and how the bands are cut.
    package struct Settings: Sendable, Equatable {
        /// Whether images go through the 2D-DCT. Vectors that are not images never do.
        package var cosine = true
        /// Whether each band gets a PCA.
        package var principalComponents = true
        /// Coefficients in a band, at least 1.
        package var bandSize = 512
        /// Keeps the frequencies that survive down-sampling by this factor in bands of their own; nil for no such bands.
        package var lowFrequencyFactor: Int?
        /// The defaults of the keys `preprocessing.*`.
        package init() {}
    }

    /// Of the images; nil for vectors.
    let shape: ImageShape?
    let dimension: Int
    let settings: Settings
    /// The order of the coefficients, and their bands.
    let subbands: Subbands
    let cosine: CosineTransform?
    /// The mean of the training vectors in band order; zero until fitted.
    var mean: AlignedBuffer<Float>
    /// Orthonormal rows for each band; empty without PCA or until fitted.
    var bases: [Matrix] = []

    /// A transform that still has to be fitted by `PreprocessingFit`.
    /// - Parameters:
    ///   - shape: of the images; nil for vectors.
    ///   - dimension: components of a vector, or samples of an image.
    package init(shape: ImageShape?, dimension: Int, settings: Settings) {
        self.shape = shape
        self.dimension = dimension
        self.settings = settings
        mean = AlignedBuffer(count: dimension)
        if let shape, settings.cosine {
            cosine = CosineTransform(width: shape.width, height: shape.height)
            subbands = Subbands(
                shape: shape, bandSize: settings.bandSize, lowFrequencyFactor: settings.lowFrequencyFactor)
        } else {
            cosine = nil
            subbands = Subbands(dimension: dimension, bandSize: settings.bandSize)
        }
    }

    /// Floats of scratch memory that each of the steps needs.
    var scratchCount: Int { 2 * dimension }

    /// Pixels (or a vector's entries) to coefficients in band order; in and out may be the same memory.
    func frequencies(
        of pixels: UnsafePointer<Float>, into vector: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        guard let cosine, let shape else {
            if UnsafePointer(vector) != pixels { vector.update(from: pixels, count: dimension) }
            return
        }
        let plane = shape.width * shape.height
        for channel in 0..<shape.channels {
            cosine.forward(
                pixels + channel * plane, into: scratch + channel * plane, scratch: scratch + dimension)
        }
        subbands.order.withUnsafeBufferPointer { order in
            for index in 0..<dimension { vector[index] = scratch[Int(order[index])] }
        }
    }

    /// Pixels of an image (or a vector's entries) as training saw them: decorrelated. Scratch: `restoreScratchCount(1)`.
    func decorrelate(
        _ pixels: UnsafePointer<Float>, into vector: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
        frequencies(of: pixels, into: vector, scratch: scratch)
        for index in 0..<dimension { vector[index] -= mean[index] }
        rotate(vector, count: 1, scratch: scratch)
    }

    /// Rotates `count` centered vectors, one after another in memory, in place. Scratch: count * largest band.
    func rotate(_ vectors: UnsafeMutablePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Float>) {
        for (band, basis) in zip(subbands.bands, bases) {
            gemm(
                rows: count, columns: band.count, inner: band.count, a: vectors + band.lowerBound, aStride: dimension,
                b: basis.pointer, transposeB: true, c: scratch)
            copyRows(scratch, band.count, into: vectors + band.lowerBound, dimension, count: count, length: band.count)
        }
    }

    /// Undoes everything for `count` decorrelated vectors, one after another in memory, in place: afterwards they are pixels
    /// (or a vector's entries). Scratch: the larger of count * widest band and `scratchCount`.
    func restorePixels(
        _ vectors: UnsafeMutablePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Float>
    ) {
        for (band, basis) in zip(subbands.bands, bases) {
            gemm(
                rows: count, columns: band.count, inner: band.count, a: vectors + band.lowerBound, aStride: dimension,
                b: basis.pointer, c: scratch)
            copyRows(scratch, band.count, into: vectors + band.lowerBound, dimension, count: count, length: band.count)
        }
        for item in 0..<count { spreadAndInvert(vectors + item * dimension, scratch) }
    }

    /// Floats of scratch that `restorePixels` needs for so many vectors at a time.
    func restoreScratchCount(_ count: Int) -> Int {
        max(scratchCount, count * (subbands.bands.map(\.count).max() ?? 0))
    }

    private func spreadAndInvert(_ vector: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>) {
        let mean = mean.pointer
        guard let cosine, let shape else {
            for index in 0..<dimension { vector[index] += mean[index] }
            return
        }
        subbands.order.withUnsafeBufferPointer { order in
            for index in 0..<dimension { scratch[Int(order[index])] = vector[index] + mean[index] }
        }
        let plane = shape.width * shape.height
        for channel in 0..<shape.channels {
            cosine.inverse(
                scratch + channel * plane, into: vector + channel * plane, scratch: scratch + dimension)
        }
    }
}

/// Copies a dense block of rows into rows of another stride.
private func copyRows(
    _ source: UnsafePointer<Float>, _ sourceStride: Int, into destination: UnsafeMutablePointer<Float>,
    _ destinationStride: Int, count: Int, length: Int
) {
    for row in 0..<count {
        (destination + row * destinationStride).update(from: source + row * sourceStride, count: length)
    }
}
