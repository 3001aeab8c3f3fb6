// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func counterRandomExample(vectors: Matrix) {
    let random = CounterRandom(seed: 7, purpose: .syntheticTrain)
    random.normals(item: 42, into: vectors.row(0))         // item 42 is the same vector on every rank
    let u = random.uniform(item: 3, draw: 0)               // in [0, 1)
}
