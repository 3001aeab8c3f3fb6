// Lines stand as in the doc comments.
// swift-format-ignore-file
import ImageMetrics

private func psnrExample() {
    PSNR.decibels(meanSquaredError: 6.5, peak: 255, limit: .roundingOfBytes)        // 40.0
    PSNR.decibels(meanSquaredError: 0, peak: 255, limit: .roundingOfBytes)          // 58.9, not infinity
    PSNR.decibels(meanSquaredError: 0, peak: 1, limit: .decibels(100))              // 100
}
