import Datasets
import Messaging
import Numerics
import Stepping

/// The reduction of a chunk over machines with several ranks each: the ranks of a machine add what they have, machines exchange
/// their sums, and what comes back is shared inside the machine.
///
///     let layout = try NodeLayout.detect(world)               // nil where the direct one is as good
///     let algorithm = try HierarchicalAllReduce(communicator: world, layout: layout!, tree: tree)
///     algorithm.phases                                            // 4
///
/// The direct one sends every rank's partial sums between machines, and gives every rank a connection to every other. Here
/// a machine sends what one rank would, and a rank talks to the ranks of its machine and to one of each other machine. A
/// machine's ranks own neighbouring shards, so its sums are nodes of the same tree: the bytes are the same.
///
/// Phases: (0) each rank of a machine gets the machine's partial sums of its segment of the chunk and adds them; (1) the
/// ranks with that segment on all machines exchange parts of it and add them; (2) they gather the parts; (3) the ranks of
/// a machine gather the segments.
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
    private var slots: [UnsafeMutableRawPointer] = []

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
        private let transport: HierarchicalAllReduce
        private let range: Range<Int>
        /// One for each rank of the machine, and of this rank's segment one for each machine.
        private let segments: [Range<Int>]
        private let parts: [Range<Int>]
        private let sendInside: Counts
        private let receiveInside: Counts
        private let sendAcross: Counts
        private let receiveAcross: Counts

        /// Bytes for each member, and where they are.
        private struct Counts {
            var counts: [Int]
            var offsets: [Int]
            /// Those side by side; nothing for this rank itself.
            init(_ counts: [Int], without own: Int) {
                self.counts = counts
                self.counts[own] = 0
                offsets = starts(of: self.counts)
            }
            var end: Int { offsets.last! + counts.last! }
        }

        init(_ transport: HierarchicalAllReduce, _ range: Range<Int>) {
            self.transport = transport
            self.range = range
            let (inside, across) = (transport.inside, transport.across)
            segments = evenSegments(of: range, count: inside.size)
            let segment = segments[inside.rank]
            parts = evenSegments(of: segment, count: across.size)
            let part = parts[across.rank]
            let own = transport.contributions[inside.rank]
            sendInside = Counts(segments.map { $0.count * own }, without: inside.rank)
            receiveInside = Counts(transport.contributions.map { $0 * segment.count }, without: inside.rank)
            let sums = transport.nodeContributions[across.rank]
            sendAcross = Counts(parts.map { $0.count * sums }, without: across.rank)
            receiveAcross = Counts(transport.nodeContributions.map { $0 * part.count }, without: across.rank)
        }

        private var segment: Range<Int> { segments[transport.inside.rank] }
        private var part: Range<Int> { parts[transport.across.rank] }

        func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)? {
            let memory = transport.memory[slot]
            switch phase {
            case 0:
                transport.bytesMoved += sendInside.end + receiveInside.end
                let send = pack(partials, segments, sendInside.counts, sendInside.offsets, memory.packed)
                return try exchange(transport.inside, send, sendInside, memory.arrivedInside, receiveInside)
            case 1:
                transport.bytesMoved += sendAcross.end + receiveAcross.end
                return try exchange(
                    transport.across, packSums(memory), sendAcross, memory.arrivedAcross, receiveAcross)
            case 2: return try gather(transport.across, partials[0], segment, parts)
            default: return try gather(transport.inside, partials[0], range, segments)
            }
        }

        private func exchange(
            _ members: any Communicator, _ send: UnsafeBufferPointer<UInt8>, _ sent: Counts, _ buffer: GrowingBuffer,
            _ received: Counts
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
            transport.bytesMoved += whole.count - own + own * (members.size - 1)
            return try members.startAllGather(
                bytes(of: total, whole), counts: parts.map(\.count),
                offsets: parts.map { $0.lowerBound - whole.lowerBound })
        }

        func complete(_ phase: Int, _ partials: [Statistics], slot: Int) {
            if phase == 0 { addInside(partials, transport.memory[slot]) }
            if phase == 1 { addAcross(partials[0], transport.memory[slot]) }
        }

        /// The machine's sums of this rank's segment, one behind the other.
        private func addInside(_ partials: [Statistics], _ memory: Memory) {
            let arrived = UnsafeMutableRawPointer(memory.arrivedInside.pointer)
            transport.slots.removeAll(keepingCapacity: true)
            for other in 0..<transport.inside.size {
                for place in 0..<transport.contributions[other] {
                    transport.slots.append(
                        other == transport.inside.rank
                            ? partials[place].memory + segment.lowerBound
                            : arrived + receiveInside.offsets[other] + place * segment.count)
                }
            }
            let sums = transport.nodeContributions[transport.across.rank]
            let result = UnsafeMutableRawPointer(memory.sums.pointer(atLeast: sums * segment.count))
            transport.additionsInside.add(
                transport.slots, segment, partials[0].layout, into: (0..<sums).map { result + $0 * segment.count })
        }

        /// What goes to one machine side by side: its part of each of the sums.
        private func packSums(_ memory: Memory) -> UnsafeBufferPointer<UInt8> {
            let target = memory.packedSums.pointer(atLeast: sendAcross.end)
            let sums = transport.nodeContributions[transport.across.rank]
            for (other, part) in parts.enumerated() where sendAcross.counts[other] > 0 {
                for place in 0..<sums {
                    (target + sendAcross.offsets[other] + place * part.count).update(
                        from: memory.sums.pointer + place * segment.count + part.lowerBound - segment.lowerBound,
                        count: part.count)
                }
            }
            return UnsafeBufferPointer(start: target, count: sendAcross.end)
        }

        /// The whole sum of this rank's part of its segment, in its place.
        private func addAcross(_ total: Statistics, _ memory: Memory) {
            let arrived = UnsafeMutableRawPointer(memory.arrivedAcross.pointer)
            let own = UnsafeMutableRawPointer(memory.sums.pointer) + part.lowerBound - segment.lowerBound
            transport.slots.removeAll(keepingCapacity: true)
            for other in 0..<transport.across.size {
                for place in 0..<transport.nodeContributions[other] {
                    transport.slots.append(
                        other == transport.across.rank
                            ? own + place * segment.count
                            : arrived + receiveAcross.offsets[other] + place * part.count)
                }
            }
            transport.additionsAcross.add(
                transport.slots, part, total.layout, into: [total.memory + part.lowerBound])
        }
    }
}

/// How the ranks lie on machines.
///
///     let layout = try NodeLayout.detect(world)
///     layout?.ranksPerNode                                    // 32
package struct NodeLayout: Sendable, Equatable {
    package let nodes: Int
    package let ranksPerNode: Int

    /// - Precondition: every machine has as many ranks, numbered one after the other.
    package init(nodes: Int, ranksPerNode: Int) {
        precondition(nodes >= 1 && ranksPerNode >= 1)
        self.nodes = nodes
        self.ranksPerNode = ranksPerNode
    }

    /// Finds out by the hosts' names; every rank must call it.
    /// - Returns: nil where there is one machine, or a rank on each, or where ranks do not lie evenly and in order.
    package static func detect(_ communicator: any Communicator) throws -> NodeLayout? {
        var hash = Fingerprint()
        hash.add(communicator.hostName)
        let hosts = try communicator.allGather(value: Int64(bitPattern: hash.value))
        let perNode = hosts.prefix { $0 == hosts[0] }.count
        guard perNode > 1, perNode < hosts.count, hosts.count % perNode == 0 else { return nil }
        let nodes = hosts.count / perNode
        let firsts = (0..<nodes).map { hosts[$0 * perNode] }
        guard Set(firsts).count == nodes, hosts.indices.allSatisfy({ hosts[$0] == firsts[$0 / perNode] }) else {
            return nil
        }
        return NodeLayout(nodes: nodes, ranksPerNode: perNode)
    }
}
