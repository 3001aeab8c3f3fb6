import Stepping

/// Adds operands, each the part `range` of a vector, in the order of a tree.
struct TreeAdditions {
    private let additions: [(left: Int, right: Int)]
    /// The result that each addition is the last one of, and writes to; nil for all others.
    private let targets: [Int?]
    /// Results that nothing is added to, and the operands that they are.
    private let copies: [(result: Int, operand: Int)]

    /// - Parameters:
    ///   - additions: in order; each leaves its sum in the memory of its left operand.
    ///   - results: the operands that hold the results in the end, in order.
    init(_ additions: [(left: Int, right: Int)], results: [Int]) {
        self.additions = additions
        var targets = [Int?](repeating: nil, count: additions.count)
        var copies: [(result: Int, operand: Int)] = []
        for (result, operand) in results.enumerated() {
            if let last = additions.lastIndex(where: { $0.left == operand }) {
                targets[last] = result
            } else {
                copies.append((result, operand))
            }
        }
        (self.targets, self.copies) = (targets, copies)
    }

    /// - Parameters:
    ///   - operands: may lose their contents.
    ///   - destinations: the memory of each result, which may be that of its own operand.
    func add(
        _ operands: [UnsafeMutableRawPointer], _ range: Range<Int>, _ layout: StatisticsLayout,
        into destinations: [UnsafeMutableRawPointer]
    ) {
        // A block at a time, so that intermediate sums stay in the cache.
        let block = 1 << 14
        for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
            let part = start..<min(start + block, range.upperBound)
            let skipped = start - range.lowerBound
            for (index, addition) in additions.enumerated() {
                let left = operands[addition.left] + skipped
                let sum = targets[index].map { destinations[$0] + skipped } ?? left
                layout.add(part, sum, left, operands[addition.right] + skipped)
            }
            for copy in copies where destinations[copy.result] != operands[copy.operand] {
                (destinations[copy.result] + skipped).copyMemory(
                    from: operands[copy.operand] + skipped, byteCount: part.count)
            }
        }
    }
}

extension ReductionTree {
    /// The additions that turn values of `nodes` into those of `targets`, which cover the same shards: such as the partial
    /// sums of neighboring ranks into those of a machine.
    func additions(from nodes: [Node], to targets: [Node]) -> TreeAdditions {
        let (additions, results) = steps(from: nodes, to: targets)
        return TreeAdditions(additions, results: results)
    }
}
