// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func alignedBufferExample() {
    let sums = AlignedBuffer<Float>(count: 1 << 20)      // zeros
    sums[3] += 1
    sums.zero()                                           // reused instead of allocated again
}
