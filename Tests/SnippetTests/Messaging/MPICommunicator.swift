// Lines stand as in the doc comments.
// swift-format-ignore-file
import Messaging

private func mpiCommunicatorExample(
    settings: UnsafeMutableBufferPointer<Float>, buffer: UnsafeMutableBufferPointer<Float>, counts: [Int], offsets: [Int]
) throws {
    let world = try MPIEnvironment.start()
    try world.broadcast(settings, root: 0)
    let transfer = try world.startAllGather(buffer, counts: counts, offsets: offsets)
    try transfer.wait()
}
