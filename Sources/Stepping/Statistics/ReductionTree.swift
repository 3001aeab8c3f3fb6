/// The binary tree over shard indices that every sum follows, whichever rank computes which part of it.
///
///     let tree = ReductionTree(shards: 64)
///     tree.ownedShards(rank: 1, ranks: 3)                     // 21..<42
///     tree.partialNodes(of: 21..<42)                          // the five largest subtrees inside the range
///
/// Node (level, index) is the sum of shards index << level ..< (index + 1) << level. Its value is left + right; if the
/// right child starts beyond the last shard, it is the left child's value. So a sum depends on the shards alone.
public struct ReductionTree: Sendable, Equatable {
    /// A node: the sum of 2^level shards, fewer at the end.
    public struct Node: Hashable, Sendable {
        /// 0 for a shard.
        public var level: Int
        /// Its index among the nodes of its level.
        public var index: Int
        /// The first shard under this node.
        public var start: Int { index << level }
        /// One past the last shard that could be under this node.
        public var end: Int { (index + 1) << level }
        /// The node above it.
        package var parent: Node { Node(level: level + 1, index: index >> 1) }
        /// The other node under its parent; there may be no shard under it.
        package var sibling: Node { Node(level: level, index: index ^ 1) }
        /// Whether it is its parent's left child.
        package var isLeft: Bool { index & 1 == 0 }
    }

    /// Leaves of the tree.
    public let shards: Int

    /// - Parameter shards: at least 1.
    public init(shards: Int) {
        precondition(shards >= 1)
        self.shards = shards
    }

    /// The node that is the sum of everything.
    public var root: Node {
        var level = 0
        while 1 << level < shards { level += 1 }
        return Node(level: level, index: 0)
    }

    /// The contiguous shards of one rank; their numbers differ by at most one between ranks.
    public func ownedShards(rank: Int, ranks: Int) -> Range<Int> {
        rank * shards / ranks..<(rank + 1) * shards / ranks
    }

    /// The largest subtrees that lie inside `range`, in the order of their shards: what a rank that owns the range holds
    /// when it has added all it can.
    public func partialNodes(of range: Range<Int>) -> [Node] {
        var nodes: [Node] = []
        var start = range.lowerBound
        while start < range.upperBound {
            var node = Node(level: 0, index: start)
            while node != root, node.parent.start == start, covers(node.parent, range) { node = node.parent }
            nodes.append(node)
            start = min(node.end, shards)
        }
        return nodes
    }

    /// Whether every existing shard under `node` is in `range`.
    package func covers(_ node: Node, _ range: Range<Int>) -> Bool {
        node.start >= range.lowerBound && min(node.end, shards) <= range.upperBound
    }

    /// Whether `node` has a right sibling with at least one shard.
    package func hasSibling(_ node: Node) -> Bool { node.sibling.start < shards }

    /// The additions that turn values of `nodes` (which together cover all shards, in order) into the root's value.
    /// Slots 0..<nodes.count hold the values; each addition leaves its result in the slot of its left operand.
    package func additions(over nodes: [Node]) -> [(left: Int, right: Int)] { steps(from: nodes, to: [root]).additions }

    /// Additions in order, and the slot that each target's value is in at the end.
    package func steps(from nodes: [Node], to targets: [Node]) -> (additions: [(left: Int, right: Int)], results: [Int])
    {
        var additions: [(left: Int, right: Int)] = []
        var results: [Int] = []
        var stack: [(node: Node, slot: Int)] = []
        for (slot, node) in nodes.enumerated() {
            stack.append((node, slot))
            while let top = stack.last, results.count < targets.count, top.node != targets[results.count] {
                if top.node.isLeft {
                    guard !hasSibling(top.node) else { break }
                    stack[stack.count - 1].node = top.node.parent
                } else {
                    precondition(stack.count > 1, "the nodes do not cover the targets in order")
                    let left = stack[stack.count - 2]
                    precondition(left.node == top.node.sibling, "the nodes do not cover the targets in order")
                    additions.append((left.slot, top.slot))
                    stack.removeLast(2)
                    stack.append((left.node.parent, left.slot))
                }
            }
            if let top = stack.last, results.count < targets.count, top.node == targets[results.count] {
                results.append(top.slot)
                stack.removeLast()
            }
        }
        precondition(stack.isEmpty && results.count == targets.count, "the nodes do not cover the targets")
        return (additions, results)
    }
}
