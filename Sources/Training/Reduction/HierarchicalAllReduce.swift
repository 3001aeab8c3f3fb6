import Messaging
import Numerics
import Stepping

/// The hierarchical all-reduce of a chunk, over machines with several ranks each: the ranks of a machine add what they have,
/// machines exchange their sums, and the total is shared inside each machine.
///
///     guard let layout = try NodeLayout.detect(world) else { return }         // the direct one is as good
///     let algorithm = try HierarchicalAllReduce(communicator: world, layout: layout, tree: tree)
///     let phases = algorithm.phases                                           // 4
///
/// The direct one sends every rank's partial sums between machines, and gives every rank a connection to every other. Here
/// a machine sends what one rank would, and a rank talks to the ranks of its machine and to one of each other machine. A
/// machine's ranks own neighboring shards, so its sums are nodes of the same tree: the bytes are the same.
///
/// Phases: (0) reduce-scatter inside each machine: each rank gets the machine's partial sums of its segment of the chunk and
/// adds them; (1) reduce-scatter across machines: the ranks with the same segment exchange parts of it and add them;
/// (2) all-gather of the parts across machines; (3) all-gather of the segments inside each machine.
final class HierarchicalAllReduce: AllReduceAlgorithm {
    private(set) var bytesMoved = 0
    let phases = 4

    private let inside: any Communicator
    private let across: any Communicator
    /// Partial sums of the ranks of this machine, and of all machines.
    private let contributions: [Int]
    private let nodeContributions: [Int]
    private let additionsInside: TreeAdditions
    private let additionsAcross: TreeAdditions
    private var operands: [UnsafeMutableRawPointer] = []

    /// Memory of a chunk under way.
    private struct Memory {
        let packed = GrowingBuffer()
        let arrivedInside = GrowingBuffer()
        /// The machine's sums of this rank's segment, then laid out as they are sent.
        let sums = GrowingBuffer()
        let packedSums = GrowingBuffer()
        let arrivedAcross = GrowingBuffer()
    }
    private let memory = (0..<3).map { _ in Memory() }

    /// - Throws: `MessagingError`. Every rank must call it.
    init(communicator: any Communicator, layout: NodeLayout, tree: ReductionTree) throws {
        let (rank, size, local) = (communicator.rank, communicator.size, layout.ranksPerNode)
        inside = try communicator.split(group: rank / local)
        across = try communicator.split(group: rank % local)
        func nodes(_ ranks: Range<Int>) -> [ReductionTree.Node] {
            let first = tree.ownedShards(rank: ranks.lowerBound, ranks: size).lowerBound
            return tree.partialNodes(of: first..<tree.ownedShards(rank: ranks.upperBound - 1, ranks: size).upperBound)
        }
        let own = rank / local * local..<(rank / local + 1) * local
        let mine = own.map { nodes($0..<$0 + 1) }
        contributions = mine.map(\.count)
        let machines = (0..<layout.nodes).map { nodes($0 * local..<($0 + 1) * local) }
        nodeContributions = machines.map(\.count)
        additionsInside = tree.additions(from: mine.flatMap { $0 }, to: machines[rank / local])
        additionsAcross = TreeAdditions(tree.additions(over: machines.flatMap { $0 }), results: [0])
    }

    var ownContributions: Int { contributions[inside.rank] }

    func reduction(of range: Range<Int>) -> any ChunkReduction { Reduction(self, range) }

    private final class Reduction: ChunkReduction {
        private let algorithm: HierarchicalAllReduce
        private let range: Range<Int>
        /// One for each rank of the machine, and of this rank's segment one for each machine.
        private let segments: [Range<Int>]
        private let parts: [Range<Int>]
        private let sendInside: MemberBytes
        private let receiveInside: MemberBytes
        private let sendAcross: MemberBytes
        private let receiveAcross: MemberBytes

        init(_ algorithm: HierarchicalAllReduce, _ range: Range<Int>) {
            self.algorithm = algorithm
            self.range = range
            let (inside, across) = (algorithm.inside, algorithm.across)
            segments = evenSegments(of: range, count: inside.size)
            let segment = segments[inside.rank]
            parts = evenSegments(of: segment, count: across.size)
            let part = parts[across.rank]
            let own = algorithm.contributions[inside.rank]
            sendInside = MemberBytes(segments.map { $0.count * own }, without: inside.rank)
            receiveInside = MemberBytes(algorithm.contributions.map { $0 * segment.count }, without: inside.rank)
            let sums = algorithm.nodeContributions[across.rank]
            sendAcross = MemberBytes(parts.map { $0.count * sums }, without: across.rank)
            receiveAcross = MemberBytes(algorithm.nodeContributions.map { $0 * part.count }, without: across.rank)
        }

        private var segment: Range<Int> { segments[algorithm.inside.rank] }
        private var part: Range<Int> { parts[algorithm.across.rank] }

        func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)? {
            let memory = algorithm.memory[slot]
            switch phase {
            case 0:
                algorithm.bytesMoved += sendInside.end + receiveInside.end
                let send = pack(partials, segments, sendInside, memory.packed)
                return try exchange(algorithm.inside, send, sendInside, memory.arrivedInside, receiveInside)
            case 1:
                algorithm.bytesMoved += sendAcross.end + receiveAcross.end
                return try exchange(
                    algorithm.across, packSums(memory), sendAcross, memory.arrivedAcross, receiveAcross)
            case 2: return try gather(algorithm.across, partials[0], segment, parts)
            default: return try gather(algorithm.inside, partials[0], range, segments)
            }
        }

        private func exchange(
            _ members: any Communicator, _ send: UnsafeBufferPointer<UInt8>, _ sent: MemberBytes,
            _ buffer: GrowingBuffer,
            _ received: MemberBytes
        ) throws -> any Transfer {
            let receive = UnsafeMutableBufferPointer(start: buffer.pointer(atLeast: received.end), count: received.end)
            return try members.startAllToAll(
                send: send, sendCounts: sent.counts, sendOffsets: sent.offsets, receive: receive,
                receiveCounts: received.counts, receiveOffsets: received.offsets)
        }

        private func gather(
            _ members: any Communicator, _ total: Statistics, _ whole: Range<Int>, _ parts: [Range<Int>]
        ) throws -> any Transfer {
            let own = parts[members.rank].count
            algorithm.bytesMoved += whole.count - own + own * (members.size - 1)
            return try members.startAllGather(
                bytes(of: total, whole), counts: parts.map(\.count),
                offsets: parts.map { $0.lowerBound - whole.lowerBound })
        }

        func complete(_ phase: Int, _ partials: [Statistics], slot: Int) {
            if phase == 0 { addInside(partials, algorithm.memory[slot]) }
            if phase == 1 { addAcross(partials[0], algorithm.memory[slot]) }
        }

        /// The machine's sums of this rank's segment, one behind the other.
        private func addInside(_ partials: [Statistics], _ memory: Memory) {
            let arrived = UnsafeMutableRawPointer(memory.arrivedInside.pointer)
            algorithm.operands.removeAll(keepingCapacity: true)
            for other in 0..<algorithm.inside.size {
                for index in 0..<algorithm.contributions[other] {
                    algorithm.operands.append(
                        other == algorithm.inside.rank
                            ? partials[index].memory + segment.lowerBound
                            : arrived + receiveInside.offsets[other] + index * segment.count)
                }
            }
            let sums = algorithm.nodeContributions[algorithm.across.rank]
            let result = UnsafeMutableRawPointer(memory.sums.pointer(atLeast: sums * segment.count))
            algorithm.additionsInside.add(
                algorithm.operands, segment, partials[0].layout, into: (0..<sums).map { result + $0 * segment.count })
        }

        /// What goes to one machine side by side: its part of each of the sums.
        private func packSums(_ memory: Memory) -> UnsafeBufferPointer<UInt8> {
            let target = memory.packedSums.pointer(atLeast: sendAcross.end)
            let sums = algorithm.nodeContributions[algorithm.across.rank]
            for (other, part) in parts.enumerated() where sendAcross.counts[other] > 0 {
                for index in 0..<sums {
                    (target + sendAcross.offsets[other] + index * part.count).update(
                        from: memory.sums.pointer + index * segment.count + part.lowerBound - segment.lowerBound,
                        count: part.count)
                }
            }
            return UnsafeBufferPointer(start: target, count: sendAcross.end)
        }

        /// The whole sum of this rank's part of its segment, where the vector has it.
        private func addAcross(_ total: Statistics, _ memory: Memory) {
            let arrived = UnsafeMutableRawPointer(memory.arrivedAcross.pointer)
            let own = UnsafeMutableRawPointer(memory.sums.pointer) + part.lowerBound - segment.lowerBound
            algorithm.operands.removeAll(keepingCapacity: true)
            for other in 0..<algorithm.across.size {
                for index in 0..<algorithm.nodeContributions[other] {
                    algorithm.operands.append(
                        other == algorithm.across.rank
                            ? own + index * segment.count
                            : arrived + receiveAcross.offsets[other] + index * part.count)
                }
            }
            algorithm.additionsAcross.add(
                algorithm.operands, part, total.layout, into: [total.memory + part.lowerBound])
        }
    }
}
