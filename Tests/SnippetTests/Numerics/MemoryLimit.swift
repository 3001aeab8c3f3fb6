// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func memoryLimitExample() {
    if let reason = MemoryLimit.shortage(of: 1 << 30) { print(reason) }
    // 300 MB are left of the address space (ulimit -v)
}
