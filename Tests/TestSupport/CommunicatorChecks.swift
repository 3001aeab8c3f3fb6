import Messaging

/// What every communicator must do, whatever carries its messages. All members call the same check.
///
///     for check in CommunicatorChecks.all { try check.run(world) }
///     // over threads:  InProcessCommunicator.run(size: 3) { world in ... }
///     // over MPI:      mpirun -n 3 MessagingCheck checks
///     // a check that fails throws `CommunicatorChecks.Failure`, which names the check and the rank
public enum CommunicatorChecks {
    /// One property that a communicator must have.
    public struct Check: Sendable {
        /// What is checked.
        public let name: String
        let body: @Sendable (any Communicator) throws -> Void

        /// Runs the check on this member; throws `Failure` with the check's name.
        public func run(_ world: any Communicator) throws {
            do {
                try body(world)
            } catch {
                throw Failure(description: "\(name) on rank \(world.rank) of \(world.size): \(error)")
            }
        }
    }

    /// A check that failed.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// The checks, in the order in which all members call them.
    public static let all: [Check] = [
        Check(name: "ranks are numbered from 0") { world in
            let ranks = try world.allGather(value: Int64(world.rank))
            try expect(ranks == (0..<world.size).map(Int64.init), "ranks are \(ranks)")
            try expect(!world.hostName.isEmpty, "the host has no name")
        },
        Check(name: "barriers") { world in for _ in 0..<100 { try world.barrier() } },
        Check(name: "broadcast of bytes") { try broadcasts($0) { UInt8(truncatingIfNeeded: $0) } },
        Check(name: "broadcast of 32-bit integers") { try broadcasts($0) { Int32($0) } },
        Check(name: "broadcast of 64-bit integers") { try broadcasts($0) { Int64($0) << 33 } },
        Check(name: "broadcast of floats") { try broadcasts($0) { Float($0) / 3 } },
        Check(name: "broadcast of doubles") { try broadcasts($0) { Double($0) / 3 } },
        Check(name: "gather of bytes") { try gathers($0) { UInt8(truncatingIfNeeded: $0) } },
        Check(name: "gather of 32-bit integers") { try gathers($0) { Int32($0) } },
        Check(name: "gather of 64-bit integers") { try gathers($0) { Int64($0) << 33 } },
        Check(name: "gather of floats") { try gathers($0) { Float($0) / 3 } },
        Check(name: "gather of doubles") { try gathers($0) { Double($0) / 3 } },
        Check(name: "exchange of bytes") { try exchanges($0) { UInt8(truncatingIfNeeded: $0) } },
        Check(name: "exchange of 64-bit integers") { try exchanges($0) { Int64($0) << 33 } },
        Check(name: "exchange of floats") { try exchanges($0) { Float($0) / 3 } },
        Check(name: "exchange of doubles") { try exchanges($0) { Double($0) / 3 } },
        Check(name: "exchange of nothing") { world in
            let zeros = [Int](repeating: 0, count: world.size)
            try world.allToAll(
                send: UnsafeBufferPointer<Float>(start: nil, count: 0), sendCounts: zeros, sendOffsets: zeros,
                receive: UnsafeMutableBufferPointer(start: nil, count: 0), receiveCounts: zeros, receiveOffsets: zeros)
            try world.barrier()
        },
        Check(name: "two transfers at a time, the later awaited first") { try overlappingTransfers($0) },
        Check(name: "groups that the group is split into") { world in
            for groups in 1...3 {
                let part = try world.split(group: world.rank % groups)
                let members = (0..<world.size).filter { $0 % groups == world.rank % groups }
                try expect(part.size == members.count, "\(part.size) members of \(members.count)")
                try expect(members[part.rank] == world.rank, "rank \(part.rank) of the part")
                let found = try part.allGather(value: Int64(world.rank))
                try expect(found == members.map(Int64.init), "members \(found)")
            }
            try world.barrier()
        },
        Check(name: "a thousand small gathers") { world in
            for round in 0..<1000 {
                let values = try world.allGather(value: Int32(round + world.rank))
                try expect(values == (0..<world.size).map { Int32(round + $0) }, "round \(round) gave \(values)")
            }
        },
        Check(name: "wrong arguments are refused on the spot") { try refusals($0) },
    ]

    static func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw Failure(description: message()) }
    }

    private static func broadcasts<Element: Transferable & Equatable>(
        _ world: any Communicator, _ value: (Int) -> Element
    ) throws {
        for root in 0..<world.size {
            for length in [0, 1, 10, 4099] {
                let wanted = (0..<length).map { value($0 + 7 * root) }
                var buffer = world.rank == root ? wanted : Array(repeating: value(99), count: length)
                try buffer.withUnsafeMutableBufferPointer { try world.broadcast($0, root: root) }
                try expect(buffer == wanted, "\(length) elements from root \(root) arrived differently")
            }
        }
    }

    /// Uneven segments, one of them empty, in reverse order and with gaps that must stay as they are.
    private static func gathers<Element: Transferable & Equatable>(
        _ world: any Communicator, _ value: (Int) -> Element
    ) throws {
        let size = world.size
        for scale in [1, 500] {
            let counts = (0..<size).map { $0 == 1 ? 0 : scale * ($0 + 1) }
            var offsets = [Int](repeating: 0, count: size)
            var length = 2
            for member in (0..<size).reversed() {
                offsets[member] = length
                length += counts[member] + 3
            }
            var wanted = [Element](repeating: value(77), count: length)
            for member in 0..<size {
                for item in 0..<counts[member] { wanted[offsets[member] + item] = value(1 + 10 * member + item) }
            }
            var buffer = [Element](repeating: value(77), count: length)
            let own = offsets[world.rank]..<(offsets[world.rank] + counts[world.rank])
            buffer.replaceSubrange(own, with: wanted[own])
            try buffer.withUnsafeMutableBufferPointer { try world.allGather($0, counts: counts, offsets: offsets) }
            try expect(buffer == wanted, "segments of \(counts) at \(offsets) arrived differently")
        }
    }

    /// Member s sends (s + 2 r) % 4 scaled elements to member r; the segments lie in different orders on the two sides.
    private static func exchanges<Element: Transferable & Equatable>(
        _ world: any Communicator, _ value: (Int) -> Element
    ) throws {
        let (size, rank) = (world.size, world.rank)
        for scale in [1, 700] {
            func count(from sender: Int, to receiver: Int) -> Int { scale * ((sender + 2 * receiver) % 4) }
            func item(_ index: Int, from sender: Int, to receiver: Int) -> Element {
                value(index + 3 * sender + 31 * receiver)
            }
            let sendCounts = (0..<size).map { count(from: rank, to: $0) }
            let receiveCounts = (0..<size).map { count(from: $0, to: rank) }
            var sendOffsets = [Int](repeating: 0, count: size)
            var send: [Element] = []
            for receiver in (0..<size).reversed() {
                sendOffsets[receiver] = send.count
                send += (0..<sendCounts[receiver]).map { item($0, from: rank, to: receiver) }
            }
            var receiveOffsets = [Int](repeating: 0, count: size)
            var wanted = [value(77)]
            for sender in 0..<size {
                receiveOffsets[sender] = wanted.count
                wanted += (0..<receiveCounts[sender]).map { item($0, from: sender, to: rank) } + [value(77)]
            }
            var receive = [Element](repeating: value(77), count: wanted.count)
            try send.withUnsafeBufferPointer { send in
                try receive.withUnsafeMutableBufferPointer {
                    try world.allToAll(
                        send: send, sendCounts: sendCounts, sendOffsets: sendOffsets, receive: $0,
                        receiveCounts: receiveCounts, receiveOffsets: receiveOffsets)
                }
            }
            try expect(receive == wanted, "sending \(sendCounts) and receiving \(receiveCounts) went wrong")
        }
    }

    private static func overlappingTransfers(_ world: any Communicator) throws {
        let size = world.size
        let counts = [Int](repeating: 50_000, count: size)
        let offsets = (0..<size).map { $0 * 50_000 }
        let buffers = (0..<2).map { _ in UnsafeMutableBufferPointer<Float>.allocate(capacity: 50_000 * size) }
        defer { for buffer in buffers { buffer.deallocate() } }
        for (number, buffer) in buffers.enumerated() {
            buffer.update(repeating: -1)
            for index in 0..<50_000 { buffer[offsets[world.rank] + index] = Float(number * 100 + world.rank) }
        }
        let first = try world.startAllGather(buffers[0], counts: counts, offsets: offsets)
        let second = try world.startAllGather(buffers[1], counts: counts, offsets: offsets)
        try second.wait()
        while try !first.test() {}
        try expect(try first.test(), "a completed transfer says that it is under way")
        try first.wait()
        for (number, buffer) in buffers.enumerated() {
            for index in 0..<buffer.count {
                let wanted = Float(number * 100 + index / 50_000)
                guard buffer[index] != wanted else { continue }
                throw Failure(description: "transfer \(number) left \(buffer[index]) at \(index), not \(wanted)")
            }
        }
    }

    /// Every member makes the same mistakes; none reaches the wire, so all stay in step.
    private static func refusals(_ world: any Communicator) throws {
        let size = world.size
        var memory = [Int32](repeating: 0, count: 4)
        let ones = [Int](repeating: 1, count: size)
        let zeros = [Int](repeating: 0, count: size)
        try memory.withUnsafeMutableBufferPointer { buffer in
            try refuses("a missing count") { try world.allGather(buffer, counts: [], offsets: []) }
            try refuses("a negative count") {
                try world.allGather(buffer, counts: zeros.map { $0 - 1 }, offsets: zeros)
            }
            try refuses("a segment outside") {
                try world.allGather(buffer, counts: ones, offsets: zeros.map { $0 + 4 })
            }
            try refuses("an overflow") {
                try world.allGather(buffer, counts: ones, offsets: zeros.map { $0 + Int.max })
            }
            try refuses("root \(size)") { try world.broadcast(buffer, root: size) }
            try refuses("root -1") { try world.broadcast(buffer, root: -1) }
            try refuses("a send segment outside") {
                try world.allToAll(
                    send: UnsafeBufferPointer(buffer), sendCounts: zeros.map { $0 + 5 }, sendOffsets: zeros,
                    receive: buffer, receiveCounts: ones, receiveOffsets: zeros)
            }
            try refuses("the same memory for both sides") {
                try world.allToAll(
                    send: UnsafeBufferPointer(buffer), sendCounts: zeros, sendOffsets: zeros,
                    receive: buffer, receiveCounts: zeros, receiveOffsets: zeros)
            }
            var other = [Int32](repeating: 0, count: 4)
            try other.withUnsafeMutableBufferPointer { receive in
                try refuses("a different share for oneself") {
                    try world.allToAll(
                        send: UnsafeBufferPointer(buffer), sendCounts: zeros, sendOffsets: zeros,
                        receive: receive, receiveCounts: ones, receiveOffsets: zeros)
                }
            }
        }
        try world.barrier()
    }

    private static func refuses(_ what: String, _ call: () throws -> Void) throws {
        do {
            try call()
        } catch let error as MessagingError {
            return try expect(!error.reason.isEmpty && !error.call.isEmpty, "the error about \(what) says nothing")
        }
        throw Failure(description: "\(what) was accepted")
    }
}
