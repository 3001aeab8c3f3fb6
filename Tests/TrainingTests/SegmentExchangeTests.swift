import Messaging
import Testing

@testable import Training

/// The sum over ranks has the bytes of the tree over shards, on every rank, whatever way the vector travels.
@Suite struct SegmentExchangeTests {
    /// How vectors travel: gathered whole, in one piece of segments, or in many small pieces.
    enum Way: CaseIterable {
        case gathered, onePiece, manyPieces, byDefault

        func apply(to exchange: SegmentExchange) {
            switch self {
            case .gathered: exchange.gatherLimit = .max
            case .onePiece: (exchange.gatherLimit, exchange.segmentLimit) = (0, 1 << 30)
            case .manyPieces: (exchange.gatherLimit, exchange.segmentLimit) = (0, 1 << 12)
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
        let differing = (0..<100).filter { index in
            let forward = (0..<13).reduce(Float(0)) { $0 + Self.float(shard: $1, index: index) }
            let backward = (0..<13).reversed().reduce(Float(0)) { $0 + Self.float(shard: $1, index: index) }
            return forward.bitPattern != backward.bitPattern
        }
        #expect(differing.count > 10)
    }

    @Test func aRankCountsWhatItMoves() throws {
        let moved = try InProcessCommunicator.run(size: 2) { world in
            let exchange = SegmentExchange(communicator: world, tree: ReductionTree(shards: 2))
            try exchange.reduce([Statistics(layout: StatisticsLayout(rows: 1, columns: 1 << 16))])
            return exchange.bytesMoved
        }
        // Half the vector out and half in, twice.
        #expect(moved == [1 << 19, 1 << 19])
    }

    private func check(_ way: Way, members: Int, shards: Int, floats: Int, doubles: Int) throws {
        let layout = StatisticsLayout(rows: 1, columns: floats, sums: doubles)
        let tree = ReductionTree(shards: shards)
        let floatSums = tree.sums(count: floats, of: Self.float)
        let doubleSums = tree.sums(count: doubles, of: Self.double)
        let agreements = try InProcessCommunicator.run(size: members) { world in
            let exchange = SegmentExchange(communicator: world, tree: tree)
            way.apply(to: exchange)
            let partials = tree.partialNodes(of: tree.ownedShards(rank: world.rank, ranks: members)).map { node in
                let partial = Statistics(layout: layout)
                let row = partial.touchRow(0)
                for index in 0..<floats { row[index] = tree.sum(node, index, of: Self.float) }
                for index in 0..<doubles { partial.sums[index] = tree.sum(node, index, of: Self.double) }
                return partial
            }
            try exchange.reduce(partials)
            let total = partials[0]
            return (0..<floats).allSatisfy { total.bulk[$0].bitPattern == floatSums[$0].bitPattern }
                && (0..<doubles).allSatisfy { total.sums[$0].bitPattern == doubleSums[$0].bitPattern }
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
    /// The value of a node by its definition: left child plus right child, where there is one.
    fileprivate func sum<Number: FloatingPoint>(_ node: Node, _ index: Int, of value: (Int, Int) -> Number) -> Number {
        if node.level == 0 { return value(node.index, index) }
        let left = Node(level: node.level - 1, index: 2 * node.index)
        let right = Node(level: node.level - 1, index: 2 * node.index + 1)
        let sum = self.sum(left, index, of: value)
        return right.start < shards ? sum + self.sum(right, index, of: value) : sum
    }

    fileprivate func sums<Number: FloatingPoint>(count: Int, of value: (Int, Int) -> Number) -> [Number] {
        (0..<count).map { sum(root, $0, of: value) }
    }
}
