// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func nearestCodewordExample(
    codebook: UnsafePointer<Float>, vectors: UnsafePointer<Float>, n: Int, indices: UnsafeMutablePointer<Int32>
) {
    let search = NearestCodeword(codewords: 256, dimension: 64)
    search.prepare(codebook, stride: 64)                  // once per pass, on one thread
    let workspace = search.makeWorkspace()                // one per thread, reused
    search.assign(vectors, count: n, stride: 64, indices: indices, squaredDistances: nil, workspace: workspace)
}
