// Lines stand as in the doc comments.
// swift-format-ignore-file
import Messaging

private func singleCommunicatorExample(buffer: UnsafeMutableBufferPointer<Float>) throws {
    let world = SingleCommunicator()
    try world.barrier()                       // returns at once
    try world.broadcast(buffer, root: 0)      // leaves the buffer as it is
    world.abort(code: 1)                      // exits the process
}
