import Training

@testable import RRQ

// swift-format-ignore
private func encodedSetExample(
    vectors: VectorShards, shard: Int, layer: Layer, worker: Int, usage: UnsafeMutableBufferPointer<Double>,
    sums: UnsafeMutableBufferPointer<Double>
) throws {
    let test = EncodedSet(vectors, peak: 1, threads: 2)
    // in the encoding step of a layer, for every owned shard:
    test.encode(shard: shard, layer: layer, worker: worker, compact: nil, usage: usage, into: sums)
}
