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
        let (meansA, meansB, squaresA, squaresB, mixed) = (maps[0], maps[1], maps[2], maps[3], maps[4])
        var sum = 0.0
        let (innerWidth, innerHeight) = (width - 2 * Self.radius, height - 2 * Self.radius)
        for row in 0..<innerHeight {
            let start = row * width
            // The row's values take the place of its means, in a loop that the compiler can vectorize.
            for place in start..<start + innerWidth {
                let (meanA, meanB) = (meansA[place], meansB[place])
                let product = meanA * meanB
                let energy = meanA * meanA + meanB * meanB
                let top = (2 * product + c1) * (2 * (mixed[place] - product) + c2)
                let bottom = (energy + c1) * (squaresA[place] + squaresB[place] - energy + c2)
                meansA[place] = top / bottom
            }
            for place in start..<start + innerWidth { sum += Double(meansA[place]) }
        }
        return sum / Double(innerWidth * innerHeight)
    }

    /// The window's average around each inner pixel, kept at the window's upper left corner.
    private func average(
        _ image: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        _ temporary: UnsafeMutablePointer<Float>
    ) {
        let innerWidth = width - 2 * Self.radius
        window.withUnsafeBufferPointer { window in
            for row in 0..<height {
                let source = image + row * width
                weigh(window, count: innerWidth, into: temporary + row * width) { UnsafePointer(source) + $0 }
            }
            for row in 0..<height - 2 * Self.radius {
                let source = temporary + row * width
                weigh(window, count: innerWidth, into: result + row * width) { UnsafePointer(source) + $0 * width }
            }
        }
    }

    /// target[i] = sum over taps t of window[t] * row(t)[i], eight places at a time in registers.
    @inline(__always)
    private func weigh(
        _ window: UnsafeBufferPointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>,
        row: (Int) -> UnsafePointer<Float>
    ) {
        var place = 0
        while place + 8 <= count {
            var sum = SIMD8<Float>.zero
            for tap in 0..<11 {
                sum += window[tap] * UnsafeRawPointer(row(tap) + place).loadUnaligned(as: SIMD8<Float>.self)
            }
            UnsafeMutableRawPointer(target + place).storeBytes(of: sum, as: SIMD8<Float>.self)
            place += 8
        }
        while place < count {
            var sum: Float = 0
            for tap in 0..<11 { sum += window[tap] * row(tap)[place] }
            target[place] = sum
            place += 1
        }
    }
}
