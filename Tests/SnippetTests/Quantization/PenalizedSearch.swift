// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping
import Training

@testable import Quantization

private func penalizedSearchExample(
    codewords: UnsafePointer<Float>, penalties: [Float], k: Int, vectors: UnsafePointer<Float>, n: Int,
    indices: UnsafeMutablePointer<Int32>, distances: UnsafeMutablePointer<Float>
) {
    let search = PenalizedSearch(dimension: 2, threads: 2)
    search.prepare(codewords, penalties: penalties, count: k)   // once per pass, on one thread
    search.assign(vectors, count: n, indices: indices, squaredDistances: distances, worker: 0)
}
