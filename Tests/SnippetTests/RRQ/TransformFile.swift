@testable import RRQ

// swift-format-ignore
private func transformFileExample(
    fitted: DecorrelatingTransform, vector: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
) throws {
    try TransformFile.write(fitted, to: "runs/faces/transform.safetensors")
    let transform = try TransformFile.read("runs/faces/transform.safetensors")
    transform.restorePixels(vector, count: 1, scratch: scratch)
}
