import Core

/// Adds the shards of one rank in tree order while its threads finish them, chunk by chunk, in any order.
///
/// A finished chunk of a shard waits only for the same chunk of its sibling; whichever thread finishes second adds the two,
/// into the left one. So at most a few statistics per thread and tree level exist at a time, drawn from a pool that
/// outlives the steps; one goes back when its last chunk was added to another.
package final class TreeAccumulator: @unchecked Sendable {
    private struct Position: Hashable {
        var node: ReductionTree.Node
        var chunk: Int
    }

    private struct State {
        var waiting: [Position: Statistics] = [:]
        /// The partial sums of this rank, in the order of their shards.
        var partials: [Statistics?] = []
        /// For each chunk, the partial sums that are not complete yet.
        var open: [Int] = []
        var pool: [Statistics] = []
    }

    private let tree: ReductionTree
    private let owned: Range<Int>
    private let partialNodes: [ReductionTree.Node]
    private var chunks = StatisticsChunks(whole: StatisticsLayout())
    private let state = Locked(State())

    /// - Parameters:
    ///   - tree: the tree over all shards of the job.
    ///   - owned: the shards of this rank.
    package init(tree: ReductionTree, owned: Range<Int>) {
        self.tree = tree
        self.owned = owned
        partialNodes = tree.partialNodes(of: owned)
    }

    /// Prepares for the shards of a step, whose statistics have these chunks.
    package func begin(_ chunks: StatisticsChunks) {
        self.chunks = chunks
        state.withLock { state in
            state.open.removeAll(keepingCapacity: true)
            for _ in 0..<chunks.count { state.open.append(partialNodes.count) }
            state.partials.removeAll(keepingCapacity: true)
            for _ in partialNodes { state.partials.append(nil) }
        }
    }

    /// Empty statistics of the step's layout, from the pool if it holds some.
    package func borrow() -> Statistics {
        let pooled = state.withLock { $0.pool.popLast() }
        let statistics = pooled ?? Statistics(layout: chunks.layout)
        if pooled != nil { statistics.reset(layout: chunks.layout) }
        statistics.chunksInUse = chunks.count
        statistics.nextChunk = 0
        return statistics
    }

    /// Returns statistics to the pool.
    package func giveBack(_ statistics: Statistics) {
        state.withLock { $0.pool.append(statistics) }
    }

    /// Takes a shard's statistics, all of which are final now.
    package func complete(shard: Int, _ statistics: Statistics) {
        let first = statistics.nextChunk
        // After its last chunk, the statistics may belong to another shard.
        statistics.listener = nil
        for chunk in first..<chunks.count { complete(chunk, ofShard: shard, statistics) }
    }

    /// Takes one chunk of a shard's statistics and adds what can be added now. Other threads may be at work on other chunks
    /// of the same statistics.
    package func complete(_ chunk: Int, ofShard shard: Int, _ statistics: Statistics) {
        let (rows, hasSums) = (chunks.rows(of: chunk), chunks.hasSums(chunk))
        var node = ReductionTree.Node(level: 0, index: shard)
        var value = statistics
        while node != tree.root, tree.covers(node.parent, owned) {
            if tree.hasSibling(node.isLeft ? node : node.sibling) {
                let partner: Statistics? = state.withLock {
                    let sibling = Position(node: node.sibling, chunk: chunk)
                    if let found = $0.waiting.removeValue(forKey: sibling) { return found }
                    $0.waiting[Position(node: node, chunk: chunk)] = value
                    return nil
                }
                guard let partner else { return }
                let (left, right) = node.isLeft ? (value, partner) : (partner, value)
                left.add(right, rows: rows, sums: hasSums)
                state.withLock {
                    right.chunksInUse -= 1
                    if right.chunksInUse == 0 { $0.pool.append(right) }
                }
                value = left
            }
            node = node.parent
        }
        value.touchRows(rows)
        guard let index = partialNodes.firstIndex(of: node) else { preconditionFailure("\(node) is not a partial sum") }
        state.withLock {
            $0.partials[index] = value
            $0.open[chunk] -= 1
        }
    }

    /// Whether all shards of this rank have completed this chunk.
    package func isComplete(_ chunk: Int) -> Bool { state.withLock { $0.open[chunk] == 0 } }

    /// The partial sums of this rank in the order of their shards.
    /// - Precondition: a chunk of all of them is complete.
    package func partials() -> [Statistics] {
        state.withLock { state in
            state.partials.map { value in
                guard let value else { preconditionFailure("a shard was not completed") }
                return value
            }
        }
    }

    /// Forgets everything that waits, after a step that failed.
    package func discard() {
        state.withLock { state in
            state.waiting.removeAll()
            state.partials.removeAll()
        }
    }
}
