// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics

private func toySourceExample(vectors: Matrix) throws {
    let source = try ToySource("boomerang", dimension: 2)
    let samples = ToySamples(source, seed: 1, set: .train)
    samples.fill(items: 0..<1000, into: vectors.pointer)    // 1000 x 2; the same numbers on every rank
    source.density(0.5, -1)                                 // exact, for pictures
}
