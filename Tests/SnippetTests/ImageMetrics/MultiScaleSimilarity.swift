// Lines stand as in the doc comments.
// swift-format-ignore-file
import ImageMetrics

private func multiScaleSimilarityExample(original: [UInt8], decoded: [UInt8]) {
    let measure = MultiScaleSimilarity(width: 768, height: 512)
    let value = measure?.value(original, decoded, channels: 3)      // 1 for equal images, or nil for small ones
    let decibels = MultiScaleSimilarity.decibels(0.98)              // 16.99: −10 log10(1 − value)
}
