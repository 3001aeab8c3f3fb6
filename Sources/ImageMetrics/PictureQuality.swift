import Datasets
import Foundation
import Numerics

/// How similar a decoded picture is to the original, both as 8-bit files hold them.
///
///     let quality = try PictureQuality(original, decoded, name: "kodim01.png")
///     quality.psnr                                            // dB over all channels
///     quality.msSSIM                                          // nil for a side of 160 pixels or less
public struct PictureQuality: Sendable, Equatable {
    /// dB of a mean squared error of bytes; that of a rounding error where there is none at all.
    public static func psnr(_ meanSquaredError: Double) -> Double {
        10 * log10(255 * 255 / max(meanSquaredError, 1.0 / 12))
    }

    /// PSNR in dB over all channels of 8-bit samples; 58.9 for equal images, as for the rounding to bytes.
    public var psnr: Double
    /// MS-SSIM in 0...1, the mean over the channels; nil for a side of 160 pixels or less.
    public var msSSIM: Double?

    /// Compares two pictures; a gray one and a color one as RGB.
    /// - Parameter name: the picture's name in errors.
    /// - Throws: `LloydError` if the sizes differ, or if there is no memory for the comparison.
    public init(_ original: Image, _ decoded: Image, name: String) throws {
        guard original.width == decoded.width, original.height == decoded.height else {
            throw LloydError(
                path: name,
                problem:
                    "has \(decoded.width)x\(decoded.height) pixels, the original \(original.width)x\(original.height)",
                remedy: "compare pictures of the same size")
        }
        // Bytes of both, four planes of MS-SSIM and what its windows take.
        let pixels = original.width * original.height
        if let reason = MemoryLimit.shortage(of: 64 * pixels) {
            throw LloydError(
                path: name, problem: "cannot be measured: \(pixels) pixels take \(pixels >> 14) MB; \(reason)",
                remedy: "raise the limit, or give the job more memory", kind: .unavailable)
        }
        let isColor = original.channels == 3 || decoded.channels == 3
        let (first, second) = isColor ? (original.rgb(), decoded.rgb()) : (original, decoded)
        let (firstBytes, secondBytes) = (first.interleavedBytes(), second.interleavedBytes())
        psnr = PSNR.decibels(firstBytes, secondBytes)
        msSSIM = MultiScaleSimilarity(width: first.width, height: first.height)?
            .value(firstBytes, secondBytes, channels: first.channels)
    }
}
