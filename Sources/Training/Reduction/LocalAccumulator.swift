import Synchronization

/// Adds the shards of one rank in tree order while its threads finish them in any order.
///
/// A finished shard waits only for its sibling; whichever thread finishes second adds the two. So at most a few
/// statistics per thread and tree level exist at a time, drawn from a pool that outlives the steps.
final class LocalAccumulator: @unchecked Sendable {
    private struct State {
        var waiting: [ReductionTree.Node: Statistics] = [:]
        var pool: [Statistics] = []
    }

    private let tree: ReductionTree
    private let owned: Range<Int>
    private let state = Mutex(UncheckedBox(State()))

    init(tree: ReductionTree, owned: Range<Int>) {
        self.tree = tree
        self.owned = owned
    }

    /// Empty statistics of the given layout, from the pool where possible.
    func borrow(_ layout: StatisticsLayout) -> Statistics {
        let pooled = state.withLock { $0.value.pool.popLast() }
        guard let pooled else { return Statistics(layout: layout) }
        pooled.reset(layout: layout)
        return pooled
    }

    func giveBack(_ statistics: Statistics) {
        state.withLock { $0.value.pool.append(statistics) }
    }

    /// Takes a shard's finished statistics and adds what can be added now.
    func complete(shard: Int, _ statistics: Statistics) {
        var node = ReductionTree.Node(level: 0, index: shard)
        var value = statistics
        while node != tree.root, tree.covers(node.parent, owned) {
            if tree.hasSibling(node.isLeft ? node : node.sibling) {
                let partner: Statistics? = state.withLock {
                    if let found = $0.value.waiting.removeValue(forKey: node.sibling) { return found }
                    $0.value.waiting[node] = value
                    return nil
                }
                guard let partner else { return }
                let (left, right) = node.isLeft ? (value, partner) : (partner, value)
                left.add(right)
                giveBack(right)
                value = left
            }
            node = node.parent
        }
        state.withLock { $0.value.waiting[node] = value }
    }

    /// The partial sums of this rank in the order of their shards, after all its shards are complete.
    func takePartials() -> [Statistics] {
        let nodes = tree.partialNodes(of: owned)
        return state.withLock { state in
            nodes.map { node in
                guard let value = state.value.waiting.removeValue(forKey: node) else {
                    preconditionFailure("a shard under \(node) was not completed")
                }
                return value
            }
        }
    }

    /// Forgets everything that waits, after a step that failed.
    func discard() {
        state.withLock { state in
            state.value.pool += state.value.waiting.values
            state.value.waiting.removeAll()
        }
    }
}

/// Carries a value that is guarded by the lock around it.
private struct UncheckedBox<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}
