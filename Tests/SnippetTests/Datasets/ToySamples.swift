// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics

private func toySamplesExample(source: ToySource, vectors: Matrix) {
    let samples = ToySamples(source, seed: 1, set: .test)
    samples.fill(items: 4096..<8192, into: vectors.pointer)  // 4096 rows of `source.dimension` floats
}
