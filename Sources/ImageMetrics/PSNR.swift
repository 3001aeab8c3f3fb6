import Foundation

/// The peak signal-to-noise ratio, in dB: 10 log10(peak^2 / mean squared error).
///
///     PSNR.decibels(meanSquaredError: 6.5, peak: 255, limit: .roundingOfBytes)        // 40.0
///     PSNR.decibels(meanSquaredError: 0, peak: 255, limit: .roundingOfBytes)          // 58.9, not infinity
///     PSNR.decibels(meanSquaredError: 0, peak: 1, limit: .decibels(100))              // 100
///
/// The value for no error at all differs by what is measured, so every caller states it.
public enum PSNR {
    /// The highest value.
    public enum Limit: Sendable, Equatable {
        /// The error is at least 1/12 of a squared step of bytes, which is what rounding adds to any image: at most 58.9 dB
        /// at a peak of 255. For images of bytes.
        case roundingOfBytes
        /// At most so many dB.
        case decibels(Double)
    }

    /// The ratio for a mean squared error.
    /// - Parameters:
    ///   - meanSquaredError: per sample, in squared units of the samples; at least 0.
    ///   - peak: the largest sample: 255 for bytes, 1 for samples in 0...1.
    ///   - limit: the highest value.
    public static func decibels(meanSquaredError: Double, peak: Double, limit: Limit) -> Double {
        switch limit {
        case .roundingOfBytes:
            let step = peak / 255
            return 10 * log10(peak * peak / max(meanSquaredError, step * step / 12))
        case .decibels(let most):
            return min(most, 10 * log10(peak * peak / max(meanSquaredError, 1e-300)))
        }
    }

    /// −10 log10 of a mean squared error: the ratio at a peak of 1 with no limit, for sources that have neither; infinite for
    /// no error.
    public static func decibels(meanSquaredError: Double) -> Double { -10 * log10(meanSquaredError) }

    /// The ratio of two images' bytes, over all channels; at most 58.9 dB.
    /// - Precondition: there are as many of both, and at least one.
    public static func decibels(_ first: [UInt8], _ second: [UInt8]) -> Double {
        precondition(first.count == second.count && !first.isEmpty)
        var sum = 0
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                for index in 0..<first.count {
                    let difference = Int(first[index]) &- Int(second[index])
                    sum &+= difference &* difference
                }
            }
        }
        return decibels(
            meanSquaredError: Double(sum) / Double(first.count), peak: 255, limit: .roundingOfBytes)
    }

    /// The ratio of samples in 0...1 and the original's; at most 100 dB.
    /// - Precondition: there are as many of both, and at least one.
    public static func decibels(ofSamples original: [Float], _ restored: [Float]) -> Double {
        original.withUnsafeBufferPointer { original in
            restored.withUnsafeBufferPointer { decibels(ofSamples: original, $0) }
        }
    }

    /// The ratio of samples in 0...1 and the original's; at most 100 dB.
    ///
    /// Not generic: unspecialized code, as other targets would call it, takes a hundred times as long.
    /// - Precondition: there are as many of both, and at least one.
    public static func decibels(
        ofSamples original: UnsafeBufferPointer<Float>, _ restored: UnsafeBufferPointer<Float>
    ) -> Double {
        precondition(original.count == restored.count && !original.isEmpty)
        var sum = 0.0
        for index in 0..<original.count {
            let difference = Double(original[index] - restored[index])
            sum += difference * difference
        }
        return decibels(meanSquaredError: sum / Double(original.count), peak: 1, limit: .decibels(100))
    }
}
