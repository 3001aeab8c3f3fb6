import Messaging
import Numerics

/// The part of the ordered reduction that crosses ranks: each rank adds one segment of the vector, then all gather.
///
/// Every rank sends every other rank its partial sums of that rank's segment, the owner adds them in tree order, and the
/// segments are gathered: for a power-of-two number of ranks this moves what a ring all-reduce moves,
/// 2 (R - 1) / R of the vector per rank. Memory beyond the vector: the received partial sums of one segment.
final class SegmentExchange<Element: Transferable & FloatingPoint> {
    private let communicator: any Communicator
    /// The tree nodes that each rank contributes, by rank.
    private let nodes: [[ReductionTree.Node]]
    private let additions: [(left: Int, right: Int)]
    private var sendBuffer = AlignedBuffer<Element>(count: 0)
    private var receiveBuffer = AlignedBuffer<Element>(count: 0)

    init(communicator: any Communicator, tree: ReductionTree) {
        self.communicator = communicator
        nodes = (0..<communicator.size).map {
            tree.partialNodes(of: tree.ownedShards(rank: $0, ranks: communicator.size))
        }
        additions = tree.additions(over: nodes.flatMap { $0 })
    }

    /// Sums the ranks' partial vectors of `count` elements into `total`, which may be the memory of the first partial.
    func reduce(partials: [UnsafeMutablePointer<Element>], count: Int, total: UnsafeMutablePointer<Element>) throws {
        guard count > 0 else { return }
        let (rank, size) = (communicator.rank, communicator.size)
        precondition(partials.count == nodes[rank].count)
        if size == 1 {
            let slots = partials
            for addition in additions { addElements(slots[addition.left], slots[addition.right], count: count) }
            if slots[0] != total { total.update(from: slots[0], count: count) }
            return
        }
        let starts = (0...size).map { segmentStart($0, of: count, among: size) }
        let segment = (0..<size).map { starts[$0 + 1] - starts[$0] }
        let mine = segment[rank]

        // What goes to others; one's own part stays where it is.
        let send: UnsafeMutablePointer<Element>
        var sendCounts = segment.map { $0 * partials.count }
        sendCounts[rank] = 0
        var sendOffsets = starts.dropLast().map { $0 }
        if partials.count == 1 {
            send = partials[0]
        } else {
            if sendBuffer.count < count * partials.count { sendBuffer = AlignedBuffer(count: count * partials.count) }
            send = sendBuffer.pointer
            sendOffsets = sendOffsets.map { $0 * partials.count }
            for other in 0..<size where other != rank {
                for (place, partial) in partials.enumerated() {
                    (send + sendOffsets[other] + place * segment[other])
                        .update(from: partial + starts[other], count: segment[other])
                }
            }
        }
        var receiveCounts = nodes.map { $0.count * mine }
        receiveCounts[rank] = 0
        var receiveOffsets = [Int](repeating: 0, count: size)
        for other in 1..<size { receiveOffsets[other] = receiveOffsets[other - 1] + receiveCounts[other - 1] }
        let received = receiveCounts.reduce(0, +)
        if receiveBuffer.count < received { receiveBuffer = AlignedBuffer(count: received) }
        try communicator.allToAll(
            send: UnsafeBufferPointer(start: send, count: partials.count == 1 ? count : count * partials.count),
            sendCounts: sendCounts, sendOffsets: sendOffsets,
            receive: UnsafeMutableBufferPointer(start: receiveBuffer.pointer, count: received),
            receiveCounts: receiveCounts, receiveOffsets: receiveOffsets)

        var slots: [UnsafeMutablePointer<Element>] = []
        for other in 0..<size {
            for place in 0..<nodes[other].count {
                slots.append(
                    other == rank
                        ? partials[place] + starts[rank]
                        : receiveBuffer.pointer + receiveOffsets[other] + place * mine)
            }
        }
        add(slots, count: mine, into: total + starts[rank])
        try communicator.allGather(
            UnsafeMutableBufferPointer(start: total, count: count), counts: segment,
            offsets: Array(starts.dropLast()))
    }

    /// Adds the slots in tree order, a block at a time so that intermediate sums stay in the cache.
    private func add(
        _ slots: [UnsafeMutablePointer<Element>], count: Int, into destination: UnsafeMutablePointer<Element>
    ) {
        let block = 1 << 13
        var start = 0
        while start < count {
            let length = min(block, count - start)
            for addition in additions.dropLast() {
                addElements(slots[addition.left] + start, slots[addition.right] + start, count: length)
            }
            if let last = additions.last {
                addElements(destination + start, slots[last.left] + start, slots[last.right] + start, count: length)
            }
            start += length
        }
    }

    /// Segments start at multiples of 16 elements, so that no two ranks share a cache line.
    private func segmentStart(_ index: Int, of count: Int, among size: Int) -> Int {
        index == size ? count : count * index / size / 16 * 16
    }
}
