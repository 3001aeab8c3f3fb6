// Lines stand as in the doc comments.
// swift-format-ignore-file
import ImageMetrics

private func structuralSimilarityExample(
    original: UnsafePointer<Float>, restored: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
) {
    let measure = StructuralSimilarity(width: 168, height: 192)
    let value = measure.similarity(original, restored, peak: 1, scratch: scratch)     // 1 for equal images
}
