import Foundation

/// MS-SSIM of two images of bytes: contrast and structure compared at five scales, luminance at the coarsest.
///
///     let measure = MultiScaleSimilarity(width: 768, height: 512)
///     let value = measure?.value(original, decoded, channels: 3)      // 1 for equal images, or nil for small ones
///     let decibels = MultiScaleSimilarity.decibels(0.98)              // 16.99: −10 log10(1 − value)
///
/// Gaussian window of 11 x 11 with deviation 1.5 inside the image alone, the means of 2 x 2 samples between scales (the
/// border of an odd size counts as black), weights 0.0448, 0.2856, 0.3001, 0.2363 and 0.1333, the mean over the channels:
/// as pytorch-msssim computes it, with which CompressAI's figures were made.
///
/// Source: Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality assessment", Asilomar 2003.
public final class MultiScaleSimilarity {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    private let scales: [StructuralSimilarity]
    /// Both images at a scale, and at the next.
    private let planes: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>

    static let weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
    /// Both sides of an image are longer than this: ten pixels at the coarsest scale.
    static let shortestSide = 160

    /// A measure for images of one size; nil if they are too small for five scales: up to 160 pixels high or wide.
    public init?(width: Int, height: Int) {
        guard min(width, height) > Self.shortestSide else { return nil }
        (self.width, self.height) = (width, height)
        var scales = [StructuralSimilarity(width: width, height: height)]
        while scales.count < Self.weights.count {
            let finer = scales[scales.count - 1]
            scales.append(StructuralSimilarity(width: (finer.width + 1) / 2, height: (finer.height + 1) / 2))
        }
        self.scales = scales
        planes = .allocate(capacity: 4 * width * height)
        scratch = .allocate(capacity: scales[0].scratchCount)
    }

    deinit {
        planes.deallocate()
        scratch.deallocate()
    }

    /// MS-SSIM in 0...1, the mean over the channels.
    ///
    /// - Parameters:
    ///   - first: interleaved bytes of an image of this size, row after row.
    ///   - second: those of the other image.
    ///   - channels: samples of a pixel: 1 or 3.
    public func value(_ first: [UInt8], _ second: [UInt8], channels: Int) -> Double {
        precondition(first.count == width * height * channels && second.count == first.count && channels > 0)
        var sum = 0.0
        for channel in 0..<channels {
            Self.plane(first, channel, of: channels, into: planes)
            Self.plane(second, channel, of: channels, into: planes + width * height)
            sum += planeValue()
        }
        return sum / Double(channels)
    }

    /// On the scale of decibels, as rate-distortion curves show it; 100 for equal images.
    public static func decibels(_ value: Double) -> Double { -10 * log10(max(1 - value, 1e-10)) }

    private static func plane(
        _ bytes: [UInt8], _ channel: Int, of channels: Int, into target: UnsafeMutablePointer<Float>
    ) {
        bytes.withUnsafeBufferPointer { bytes in
            let source = bytes.baseAddress! + channel
            for index in 0..<bytes.count / channels { target[index] = Float(source[index &* channels]) }
        }
    }

    /// Of the plane that `planes` holds of both images.
    private func planeValue() -> Double {
        var (first, second) = (planes, planes + width * height)
        var (nextFirst, nextSecond) = (planes + 2 * width * height, planes + 3 * width * height)
        var product = 1.0
        for (index, scale) in scales.enumerated() {
            let parts = scale.components(first, second, peak: 255, scratch: scratch)
            let isCoarsest = index == scales.count - 1
            // Images that contradict each other are as unlike as can be.
            product *= pow(max(0, isCoarsest ? parts.similarity : parts.contrast), Self.weights[index])
            guard !isCoarsest else { break }
            Self.halve(first, scale.width, scale.height, into: nextFirst)
            Self.halve(second, scale.width, scale.height, into: nextSecond)
            swap(&first, &nextFirst)
            swap(&second, &nextSecond)
        }
        return product
    }

    /// Means of 2 x 2 samples. An odd side has a black row or column before it.
    private static func halve(
        _ source: UnsafePointer<Float>, _ width: Int, _ height: Int, into target: UnsafeMutablePointer<Float>
    ) {
        let (oddX, oddY) = (width & 1, height & 1)
        let (newWidth, newHeight) = ((width + 1) / 2, (height + 1) / 2)
        for row in 0..<newHeight {
            let low = source + (2 * row + 1 - oddY) * width - oddX
            let isFirst = row == 0 && oddY == 1
            let high = isFirst ? low : low - width
            let result = target + row * newWidth
            let weight: Float = isFirst ? 0.125 : 0.25
            // Of the first column in an odd width only the right half exists.
            if oddX == 1 { result[0] = weight * (high[1] + low[1]) }
            for column in oddX..<newWidth {
                let left = 2 &* column
                result[column] = weight * (high[left] + high[left &+ 1] + low[left] + low[left &+ 1])
            }
        }
    }
}
