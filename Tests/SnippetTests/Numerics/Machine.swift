// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics

private func machineExample() {
    let machine = Machine()
    machine.cores                                           // 2.0 in such a container on a machine of 64
    machine.memory                                          // bytes before the kernel would end the process
    machine.hugePages                                       // "madvise"
}
