import Datasets

@testable import RRQ

// swift-format-ignore
private func decorrelatingTransformExample(
    shape: ImageShape, n: Int, settings: DecorrelatingTransform.Settings, pixels: UnsafeMutablePointer<Float>,
    vector: UnsafeMutablePointer<Float>, vectors: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
) throws {
    let transform = DecorrelatingTransform(shape: shape, dimension: n, settings: settings)
    transform.frequencies(of: pixels, into: vector, scratch: scratch)         // 2D-DCT, band order
    // fitted from training data by PreprocessingFit: mean and the bands' PCA
    // and applied to all vectors in place; this undoes all of it:
    transform.restorePixels(vectors, count: 8, scratch: scratch)
}
