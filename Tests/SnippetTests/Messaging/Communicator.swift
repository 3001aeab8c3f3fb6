// Lines stand as in the doc comments.
// swift-format-ignore-file
import Messaging

private func communicatorExample() throws {
    let world = try MPIEnvironment.start()                  // one rank without mpirun
    var values = [Int32](repeating: 0, count: world.size)
    values[world.rank] = Int32(world.rank)
    let ones = [Int](repeating: 1, count: world.size)
    try values.withUnsafeMutableBufferPointer {
        try world.allGather($0, counts: ones, offsets: Array(0..<world.size))
    }
    // values is 0, 1, 2, ... on every rank
}
