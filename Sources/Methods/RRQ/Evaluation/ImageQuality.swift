import Codec
import Datasets
import Foundation
import ImageMetrics

/// PSNR and SSIM of restored images as people will see them: samples clipped and rounded to 8 bits.
final class ImageQuality {
    private let shape: ImageShape
    private let similarity: StructuralSimilarity
    private let scratch: [UnsafeMutablePointer<Float>]

    init(shape: ImageShape, threads: Int) {
        self.shape = shape
        let similarity = StructuralSimilarity(width: shape.width, height: shape.height)
        self.similarity = similarity
        scratch = (0..<threads).map { _ in .allocate(capacity: similarity.scratchCount) }
    }

    deinit { for memory in scratch { memory.deallocate() } }

    /// PSNR in dB over all channels.
    func psnr(_ original: UnsafePointer<Float>, _ restored: UnsafePointer<Float>) -> Double {
        PSNR.decibels(
            ofSamples: UnsafeBufferPointer(start: original, count: shape.count),
            UnsafeBufferPointer(start: restored, count: shape.count))
    }

    /// Mean SSIM over channels; NaN for images under 11 pixels.
    func ssim(_ original: UnsafePointer<Float>, _ restored: UnsafePointer<Float>, worker: Int) -> Double {
        guard similarity.isDefined else { return .nan }
        let plane = shape.width * shape.height
        var sum = 0.0
        for channel in 0..<shape.channels {
            sum += similarity.similarity(
                original + channel * plane, restored + channel * plane, peak: 1, scratch: scratch[worker])
        }
        return sum / Double(shape.channels)
    }
}

/// Clips samples to 0...1 and rounds them to multiples of 1/255, in place.
func roundToBytes(_ samples: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count {
        samples[index] = (min(max(samples[index], 0), 1) * 255).rounded(.toNearestOrEven) / 255
    }
}
