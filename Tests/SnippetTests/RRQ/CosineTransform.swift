@testable import RRQ

// swift-format-ignore
private func cosineTransformExample(
    pixels: UnsafeMutablePointer<Float>, coefficients: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
) throws {
    let transform = CosineTransform(width: 168, height: 192)
    transform.forward(pixels, into: coefficients, scratch: scratch)
    transform.inverse(coefficients, into: pixels, scratch: scratch)
}
