// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import Messaging

private func mpiTransferExample(
    world: MPICommunicator, buffer: UnsafeMutableBufferPointer<Float>, counts: [Int], offsets: [Int],
    computeALittle: () -> Void, use: (UnsafeMutableBufferPointer<Float>) -> Void
) throws {
    let transfer = try world.startAllGather(buffer, counts: counts, offsets: offsets)
    while try !transfer.test() { computeALittle() }      // MPI advances inside test()
    use(buffer)
}
