import Foundation
import Messaging
import Testing

@testable import Stepping
@testable import Training

/// The sum over ranks has the bytes of the tree over shards, on every rank, whatever way the vector travels.
@Suite struct ChunkedAllReduceTests {
    /// How vectors travel: gathered whole, in one chunk of segments, or in many small chunks.
    enum Way: CaseIterable {
        case gathered, oneChunk, manyChunks, byDefault

        func apply(to exchange: ChunkedAllReduce) {
            switch self {
            case .gathered: exchange.gatherLimit = .max
            case .oneChunk: (exchange.gatherLimit, exchange.segmentLimit) = (0, 1 << 30)
            case .manyChunks: (exchange.gatherLimit, exchange.segmentLimit) = (0, 1 << 12)
            case .byDefault: break
            }
        }
    }

    static let sizes = [0, 1, 15, 16, 17, 1000, 100_003]

    @Test(arguments: Way.allCases, [1, 2, 3, 4, 5])
    func sumsHaveTheBytesOfTheTree(way: Way, members: Int) throws {
        for shards in [5, 7, 13, 64] {
            for size in Self.sizes {
                // Floats alone, doubles alone, both with lengths that end inside a cache line.
                for (floats, doubles) in [(size, 0), (0, size), (size, 17), (17, size)] {
                    if size > 1000, shards != 13 { continue }
                    try check(way, members: members, shards: shards, floats: floats, doubles: doubles)
                }
            }
        }
    }

    @Test func orderMattersForTheseNumbers() {
        // Otherwise the test above could not fail.
        let differing = (0..<1000).filter { index in
            let forward = (0..<13).reduce(Float(0)) { $0 + Self.float(shard: $1, index: index) }
            let backward = (0..<13).reversed().reduce(Float(0)) { $0 + Self.float(shard: $1, index: index) }
            return forward.bitPattern != backward.bitPattern
        }
        #expect(differing.count > 300)
    }

    @Test func aRankCountsWhatItMoves() throws {
        let moved = try InProcessCommunicator.run(size: 2) { world in
            let exchange = try ChunkedAllReduce(communicator: world, tree: ReductionTree(shards: 2))
            try exchange.reduce([Statistics(layout: StatisticsLayout(rows: 1, columns: 1 << 16))])
            return exchange.bytesMoved
        }
        // Half the vector out and half in, twice.
        #expect(moved == [1 << 19, 1 << 19])
    }

    /// Machines of several ranks: their ranks add first, and no byte changes.
    @Test(arguments: [(2, 2), (2, 3), (3, 2), (4, 2), (2, 4), (5, 1), (1, 3)])
    func machinesThatAddFirstKeepTheBytes(nodes: Int, ranksPerNode: Int) throws {
        for way in [Way.oneChunk, .manyChunks] {
            for shards in [nodes * ranksPerNode, 13, 64] {
                for (floats, doubles) in [(0, 1), (1, 0), (17, 5), (1000, 0), (0, 1000), (100_003, 17)] {
                    if floats > 1000, shards != 13 { continue }
                    try check(
                        way, members: nodes * ranksPerNode, shards: shards, floats: floats, doubles: doubles,
                        layout: NodeLayout(nodes: nodes, ranksPerNode: ranksPerNode))
                }
            }
        }
    }

    private func check(
        _ way: Way, members: Int, shards: Int, floats: Int, doubles: Int, layout nodes: NodeLayout? = nil
    ) throws {
        let layout = StatisticsLayout(rows: 1, columns: floats, sums: doubles)
        let tree = ReductionTree(shards: shards)
        let floatSums = tree.values(tree.root, count: floats, of: Self.float)
        let doubleSums = tree.values(tree.root, count: doubles, of: Self.double)
        let agreements = try InProcessCommunicator.run(size: members) { world in
            let exchange = try ChunkedAllReduce(communicator: world, tree: tree, layout: nodes)
            way.apply(to: exchange)
            let partials = tree.partialNodes(of: tree.ownedShards(rank: world.rank, ranks: members)).map { node in
                let partial = Statistics(layout: layout)
                partial.touchRow(0).update(from: tree.values(node, count: floats, of: Self.float), count: floats)
                _ = partial.sums.update(fromContentsOf: tree.values(node, count: doubles, of: Self.double))
                return partial
            }
            try exchange.reduce(partials)
            return memcmp(partials[0].bulk, floatSums, 4 * floats) == 0
                && memcmp(partials[0].sums.baseAddress!, doubleSums, 8 * doubles) == 0
        }
        #expect(
            agreements == Array(repeating: true, count: members),
            "\(way), \(members) members, \(shards) shards, \(floats) floats, \(doubles) doubles")
    }

    /// Numbers of very different sizes: almost every change of order changes their sum.
    private static func double(shard: Int, index: Int) -> Double {
        let mixed = UInt64(shard &* 7919 &+ index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        let mantissa = Double(mixed >> 11) * 0x1p-53 - 0.5
        return mantissa * Double(1 << (mixed & 15))
    }

    private static func float(shard: Int, index: Int) -> Float { Float(double(shard: shard, index: index)) }
}

extension ReductionTree {
    /// The value of a node by its definition: left child plus right child, if there is one.
    fileprivate func sum<Number: FloatingPoint>(_ node: Node, _ index: Int, of value: (Int, Int) -> Number) -> Number {
        if node.level == 0 { return value(node.index, index) }
        let left = Node(level: node.level - 1, index: 2 * node.index)
        let right = Node(level: node.level - 1, index: 2 * node.index + 1)
        let sum = self.sum(left, index, of: value)
        return right.start < shards ? sum + self.sum(right, index, of: value) : sum
    }

    /// The values of a node at all indices; they repeat, so that long vectors are made quickly.
    fileprivate func values<Number: FloatingPoint>(
        _ node: Node, count: Int, of value: (Int, Int) -> Number
    ) -> [Number] {
        let period = (0..<min(count, 1009)).map { sum(node, $0, of: value) }
        var values: [Number] = []
        values.reserveCapacity(count + period.count)
        while values.count < count { values += period }
        return Array(values.prefix(count))
    }
}
