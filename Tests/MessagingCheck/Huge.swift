import Messaging

/// Segments that 32-bit counts cannot express, for real: 2^31 + 10 bytes from each rank. Needs 4.3 GB a rank.
///
///     mpirun -n 2 MessagingCheck huge
///     // 2 ranks gathered and broadcast segments of 2147483658 bytes
///     // not part of the test suite, which takes the same path with a small limit
enum Huge {
    static func run(_ world: any Communicator) throws {
        let count = (1 << 31) + 10
        let length = count * world.size
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: length)
        defer { buffer.deallocate() }
        buffer.initialize(repeating: 0)
        let own = world.rank * count
        buffer[own] = UInt8(10 + world.rank)
        buffer[own + count - 1] = UInt8(20 + world.rank)
        try world.allGather(
            buffer, counts: Array(repeating: count, count: world.size),
            offsets: (0..<world.size).map { $0 * count })
        for member in 0..<world.size {
            let (first, last) = (buffer[member * count], buffer[(member + 1) * count - 1])
            guard first == UInt8(10 + member), last == UInt8(20 + member) else {
                throw MessagingError(
                    call: "huge allGather", rank: world.rank, host: world.hostName,
                    reason: "rank \(member)'s segment has ends \(first) and \(last)")
            }
        }
        if world.rank == 0 { buffer[length - 1] = 99 }
        try world.broadcast(buffer, root: 0)
        guard buffer[length - 1] == 99 else {
            throw MessagingError(
                call: "huge broadcast", rank: world.rank, host: world.hostName, reason: "the end did not arrive")
        }
        if world.rank == 0 { print("\(world.size) ranks gathered and broadcast segments of \(count) bytes") }
    }
}
