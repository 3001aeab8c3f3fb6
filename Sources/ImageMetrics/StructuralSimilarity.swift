import Foundation

/// SSIM of two images: the mean of local comparisons of luminance, contrast and structure.
///
///     let measure = StructuralSimilarity(width: 168, height: 192)
///     let value = measure.similarity(original, restored, peak: 1, scratch: scratch)     // 1 for equal images
///
/// Gaussian window of 11 x 11 with deviation 1.5, K1 = 0.01, K2 = 0.03, averaged over the positions at which the whole
/// window lies inside the image.
///
/// Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity",
/// IEEE Trans. Image Processing 13 (2004).
public struct StructuralSimilarity: Sendable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    static let radius = 5
    private static let taps = 2 * radius + 1
    /// Of both images, of the sum of their squares, of their product.
    private static let averages = 4
    private let window: [Float]

    /// A measure for images of one size.
    /// - Parameters:
    ///   - width: pixels in a row; values exist only from 11 on.
    ///   - height: rows; values exist only from 11 on.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
        let weights = (-Self.radius...Self.radius).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
        let total = weights.reduce(0, +)
        window = weights.map { Float($0 / total) }
    }

    /// Whether the images are large enough for the window.
    public var isDefined: Bool { width > 2 * Self.radius && height > 2 * Self.radius }

    /// Floats of scratch memory that a comparison needs.
    public var scratchCount: Int { (Self.taps + 1) * Self.averages * width }

    /// SSIM of one plane of samples, in -1...1; 1 for equal planes.
    /// - Parameters:
    ///   - first: width * height samples in 0...peak, row after row.
    ///   - second: those of the other image.
    ///   - peak: the largest sample.
    ///   - scratch: `scratchCount` floats.
    /// - Precondition: `isDefined`.
    public func similarity(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, peak: Float,
        scratch: UnsafeMutablePointer<Float>
    ) -> Double {
        components(first, second, peak: peak, scratch: scratch).similarity
    }

    /// SSIM of one plane, and its part that compares contrast and structure without luminance: what finer scales
    /// contribute to multi-scale SSIM.
    ///
    /// One pass over the rows: those under the window stay in the cache, averaged along the row.
    /// The parameters are those of `similarity`.
    /// - Precondition: `isDefined`.
    public func components(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, peak: Float,
        scratch: UnsafeMutablePointer<Float>
    ) -> (similarity: Double, contrast: Double) {
        precondition(isDefined)
        let (innerWidth, innerHeight) = (width - 2 * Self.radius, height - 2 * Self.radius)
        // Around the middle gray squares are smaller, and so is what rounding takes from their differences.
        let middle = peak / 2
        let c1 = (0.01 * peak) * (0.01 * peak)
        let c2 = (0.03 * peak) * (0.03 * peak)
        let products = scratch + Self.taps * Self.averages * width
        var similarity = 0.0
        var contrast = 0.0
        window.withUnsafeBufferPointer { window in
            func averages(_ row: Int) -> UnsafeMutablePointer<Float> {
                scratch + row % Self.taps * Self.averages * width
            }
            for row in 0..<height {
                let (rowA, rowB) = (first + row * width, second + row * width)
                for column in 0..<width {
                    let (a, b) = (rowA[column] - middle, rowB[column] - middle)
                    products[column] = a
                    products[width + column] = b
                    products[2 * width + column] = a * a + b * b
                    products[3 * width + column] = a * b
                }
                for kind in 0..<Self.averages {
                    let source = UnsafePointer(products + kind * width)
                    weigh(window, count: innerWidth, into: averages(row) + kind * width) { source + $0 }
                }
                let top = row - 2 * Self.radius
                guard top >= 0 else { continue }
                // The products' memory is free again: it takes the four averages over the whole window.
                for kind in 0..<Self.averages {
                    weigh(window, count: innerWidth, into: products + kind * width) {
                        UnsafePointer(averages(top + $0) + kind * width)
                    }
                }
                // The row's values overwrite its averages, in a loop that the compiler can vectorize.
                for column in 0..<innerWidth {
                    let (meanA, meanB) = (products[column], products[width + column])
                    let energy = products[2 * width + column] - meanA * meanA - meanB * meanB
                    let shared = products[3 * width + column] - meanA * meanB
                    let (lightA, lightB) = (meanA + middle, meanB + middle)
                    let structure = (2 * shared + c2) / (energy + c2)
                    let luminance = (2 * lightA * lightB + c1) / (lightA * lightA + lightB * lightB + c1)
                    products[column] = structure
                    products[width + column] = structure * luminance
                }
                contrast += Self.sum(products, innerWidth)
                similarity += Self.sum(products + width, innerWidth)
            }
        }
        let count = Double(innerWidth * innerHeight)
        return (similarity / count, contrast / count)
    }

    private static func sum(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
        var lanes = SIMD8<Double>.zero
        let whole = count & ~7
        for index in stride(from: 0, to: whole, by: 8) {
            lanes += SIMD8<Double>(UnsafeRawPointer(values + index).loadUnaligned(as: SIMD8<Float>.self))
        }
        var sum = lanes.sum()
        for index in whole..<count { sum += Double(values[index]) }
        return sum
    }

    /// target[i] = sum over taps t of window[t] * row(t)[i], eight at a time in registers.
    @inline(__always)
    private func weigh(
        _ window: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>,
        row: (Int) -> UnsafePointer<Float>
    ) {
        // A row's slot in the ring is found once, not for every eight samples.
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: Self.taps) { rows in
            for tap in 0..<Self.taps { rows[tap] = row(tap) }
            var index = 0
            while index + 8 <= count {
                var sum = SIMD8<Float>.zero
                for tap in 0..<Self.taps {
                    sum += window[tap] * UnsafeRawPointer(rows[tap] + index).loadUnaligned(as: SIMD8<Float>.self)
                }
                UnsafeMutableRawPointer(target + index).storeBytes(of: sum, as: SIMD8<Float>.self)
                index += 8
            }
            while index < count {
                var sum: Float = 0
                for tap in 0..<Self.taps { sum += window[tap] * rows[tap][index] }
                target[index] = sum
                index += 1
            }
        }
    }
}
