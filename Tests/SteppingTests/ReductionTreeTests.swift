import Testing

@testable import Stepping

@Suite struct ReductionTreeTests {
    static let shardCounts = Array(1...33) + [63, 64, 65, 100]

    @Test(arguments: shardCounts) func ranksOwnAllShardsOnce(shards: Int) {
        let tree = ReductionTree(shards: shards)
        for ranks in 1...min(shards, 9) {
            let owned = (0..<ranks).map { tree.ownedShards(rank: $0, ranks: ranks) }
            #expect(owned.flatMap { Array($0) } == Array(0..<shards))
            let sizes = owned.map(\.count)
            #expect(sizes.max()! - sizes.min()! <= 1)
        }
    }

    @Test(arguments: shardCounts) func partialNodesAreTheLargestSubtreesInside(shards: Int) {
        let tree = ReductionTree(shards: shards)
        for ranks in 1...min(shards, 9) {
            for rank in 0..<ranks {
                let range = tree.ownedShards(rank: rank, ranks: ranks)
                let nodes = tree.partialNodes(of: range)
                let covered = nodes.flatMap { Array($0.start..<min($0.end, shards)) }
                #expect(covered == Array(range), "the nodes cover the range once, in order")
                for node in nodes where node != tree.root {
                    #expect(!tree.covers(node.parent, range), "a larger subtree would have done")
                }
            }
        }
    }

    /// The sum as an expression: which shards were added to which.
    private static func expression(_ tree: ReductionTree, _ node: ReductionTree.Node) -> String {
        guard node.level > 0 else { return "\(node.index)" }
        let left = ReductionTree.Node(level: node.level - 1, index: 2 * node.index)
        let right = ReductionTree.Node(level: node.level - 1, index: 2 * node.index + 1)
        let leftText = expression(tree, left)
        return right.start < tree.shards ? "(\(leftText)+\(expression(tree, right)))" : leftText
    }

    @Test(arguments: shardCounts) func additionsReproduceTheTreeForAnyNumberOfRanks(shards: Int) {
        let tree = ReductionTree(shards: shards)
        let wanted = Self.expression(tree, tree.root)
        for ranks in 1...min(shards, 9) {
            let nodes = (0..<ranks).flatMap { tree.partialNodes(of: tree.ownedShards(rank: $0, ranks: ranks)) }
            var slots = nodes.map { Self.expression(tree, $0) }
            for (left, right) in tree.additions(over: nodes) {
                #expect(left < right)
                slots[left] = "(\(slots[left])+\(slots[right]))"
            }
            #expect(slots[0] == wanted)
        }
    }

    @Test func theTreeOfFiveShards() {
        let tree = ReductionTree(shards: 5)
        #expect(Self.expression(tree, tree.root) == "(((0+1)+(2+3))+4)")
        #expect(tree.root == .init(level: 3, index: 0))
        #expect(tree.partialNodes(of: 1..<5).map { $0.start..<$0.end } == [1..<2, 2..<4, 4..<8])
    }
}
