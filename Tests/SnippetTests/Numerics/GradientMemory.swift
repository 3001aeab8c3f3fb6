// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func gradientMemoryExample(buffer: AlignedBuffer<Float>) {
    let overwritten = GradientMemory(buffer.pointer, accumulate: false)
    let added = GradientMemory(buffer.pointer, accumulate: true)
}
