import Foundation

/// SSIM of two images: the mean of local comparisons of luminance, contrast and structure.
///
///     let measure = StructuralSimilarity(width: 168, height: 192)
///     let value = measure.similarity(original, restored, peak: 1, scratch: scratch)     // 1 for equal images
///
/// Gaussian window of 11 x 11 with deviation 1.5, K1 = 0.01, K2 = 0.03, averaged over the places where the whole window lies
/// inside the image.
///
/// Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity",
/// IEEE Trans. Image Processing 13 (2004).
public struct StructuralSimilarity: Sendable {
    public let width: Int
    public let height: Int
    static let radius = 5
    private let window: [Float]

    /// - Parameters: sizes of the images; at least 11 pixels each way for a value to exist.
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
    public var scratchCount: Int { 10 * width * height }

    /// SSIM of one plane of samples in 0...peak.
    public func similarity(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, peak: Float,
        scratch: UnsafeMutablePointer<Float>
    ) -> Double {
        precondition(isDefined)
        let count = width * height
        let maps = (0..<5).map { scratch + $0 * count }
        let products = scratch + 5 * count
        let temporary = scratch + 6 * count
        average(first, into: maps[0], temporary)
        average(second, into: maps[1], temporary)
        for place in 0..<count { products[place] = first[place] * first[place] }
        average(products, into: maps[2], temporary)
        for place in 0..<count { products[place] = second[place] * second[place] }
        average(products, into: maps[3], temporary)
        for place in 0..<count { products[place] = first[place] * second[place] }
        average(products, into: maps[4], temporary)

        let c1 = (0.01 * peak) * (0.01 * peak)
        let c2 = (0.03 * peak) * (0.03 * peak)
        var sum = 0.0
        let (innerWidth, innerHeight) = (width - 2 * Self.radius, height - 2 * Self.radius)
        for row in 0..<innerHeight {
            for column in 0..<innerWidth {
                let place = row * width + column
                let (meanA, meanB) = (maps[0][place], maps[1][place])
                let varianceA = maps[2][place] - meanA * meanA
                let varianceB = maps[3][place] - meanB * meanB
                let covariance = maps[4][place] - meanA * meanB
                let top = (2 * meanA * meanB + c1) * (2 * covariance + c2)
                let bottom = (meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2)
                sum += Double(top / bottom)
            }
        }
        return sum / Double(innerWidth * innerHeight)
    }

    /// The window's average around each inner pixel, kept at the window's upper left corner.
    private func average(
        _ image: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        _ temporary: UnsafeMutablePointer<Float>
    ) {
        let size = window.count
        let innerWidth = width - 2 * Self.radius
        for row in 0..<height {
            let source = image + row * width
            let target = temporary + row * width
            for column in 0..<innerWidth { target[column] = 0 }
            for tap in 0..<size {
                let weight = window[tap]
                for column in 0..<innerWidth { target[column] += weight * source[column + tap] }
            }
        }
        for row in 0..<height - 2 * Self.radius {
            let target = result + row * width
            for column in 0..<innerWidth { target[column] = 0 }
            for tap in 0..<size {
                let weight = window[tap]
                let source = temporary + (row + tap) * width
                for column in 0..<innerWidth { target[column] += weight * source[column] }
            }
        }
    }
}
