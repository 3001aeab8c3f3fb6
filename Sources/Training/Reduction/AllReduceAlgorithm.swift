import Messaging
import Numerics
import Stepping

/// The way of one chunk of the vector over the ranks: a few transfers, one after the other, and what is added in between.
///
///     let reduction = algorithm.reduction(of: 0..<layout.bytes)
///     for phase in 0..<algorithm.phases {
///         try reduction.start(phase, partials, slot: 0)?.wait()
///         reduction.complete(phase, partials, slot: 0)
///     }
///     // partials[0] holds the sum over all shards, on every rank
///
/// Nothing here waits; the callers decide when which chunk goes on. A slot is memory for one chunk under way.
protocol ChunkReduction: AnyObject {
    /// Starts a phase, after `complete` of the one before; nil where nothing has to travel.
    func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)?
    /// Takes in what a phase has brought.
    func complete(_ phase: Int, _ partials: [Statistics], slot: Int)
}

/// How chunks travel on a given group of ranks: straight from rank to rank (`DirectAllReduce`), or inside each machine first
/// (`HierarchicalAllReduce`). The additions are those of the tree either way.
protocol AllReduceAlgorithm: AnyObject {
    /// Transfers of a chunk.
    var phases: Int { get }
    /// Bytes this rank has sent and received so far.
    var bytesMoved: Int { get }
    /// The number of partial sums that this rank contributes.
    var ownContributions: Int { get }
    /// The way of the bytes `range` of the vector; bounds are multiples of 64, but for the vector's end.
    func reduction(of range: Range<Int>) -> any ChunkReduction
}

extension AllReduceAlgorithm {
    /// Pieces under way that need memory at the same time when they follow `ReductionSchedule`: a chunk's memory is free once its
    /// last addition is done, which is before its last but one phase begins, or its last where there are two.
    var slots: Int { phases == 2 ? 2 : 3 }
}

/// The order in which all ranks start the phases of all chunks: it must be the same everywhere, whatever arrives when.
///
/// Chunk 0 begins; then chunk 1 begins and chunk 0 goes on, and so forth: while one chunk is added, others travel.
struct ReductionSchedule: Equatable {
    struct Start: Equatable {
        var chunk: Int
        var phase: Int
    }

    let starts: [Start]

    init(chunks: Int, phases: Int) {
        var starts: [Start] = []
        starts.reserveCapacity(chunks * phases)
        for time in 0..<max(0, chunks + phases - 1) where chunks > 0 {
            for phase in 0..<phases where (0..<chunks).contains(time - phase) {
                starts.append(Start(chunk: time - phase, phase: phase))
            }
        }
        self.starts = starts
    }
}

/// Memory that is kept from chunk to chunk and grows where it must.
final class GrowingBuffer {
    private var buffer = AlignedBuffer<UInt8>(count: 0)

    func pointer(atLeast count: Int) -> UnsafeMutablePointer<UInt8> {
        if buffer.count < count { buffer = AlignedBuffer<UInt8>(count: count) }
        return buffer.pointer
    }

    var pointer: UnsafeMutablePointer<UInt8> { buffer.pointer }
}

/// One segment for each of `count` members, whose bounds are multiples of 64 bytes from the start, but for the end: so no
/// two members share a cache line and no number is cut.
func evenSegments(of range: Range<Int>, count: Int) -> [Range<Int>] {
    func bound(_ member: Int) -> Int {
        member == count ? range.upperBound : range.lowerBound + range.count / 64 * member / count * 64
    }
    return (0..<count).map { bound($0)..<bound($0 + 1) }
}

/// Where each count's elements begin when all lie side by side.
func starts(of counts: [Int]) -> [Int] {
    var next = 0
    return counts.map { count in
        defer { next += count }
        return next
    }
}

/// Adds slots, each the part `range` of a vector, in the order of a tree.
struct TreeAdditions {
    private let additions: [(left: Int, right: Int)]
    /// The result that each addition is the last one of, and writes to; nil for all others.
    private let targets: [Int?]
    /// Results that nothing is added to, and their slots.
    private let copies: [(result: Int, slot: Int)]

    /// - Parameters:
    ///   - additions: in order; each leaves its sum in the slot of its left operand.
    ///   - results: the slots that hold the results in the end, in order.
    init(_ additions: [(left: Int, right: Int)], results: [Int]) {
        self.additions = additions
        var targets = [Int?](repeating: nil, count: additions.count)
        var copies: [(result: Int, slot: Int)] = []
        for (result, slot) in results.enumerated() {
            if let last = additions.lastIndex(where: { $0.left == slot }) {
                targets[last] = result
            } else {
                copies.append((result, slot))
            }
        }
        (self.targets, self.copies) = (targets, copies)
    }

    /// - Parameters:
    ///   - slots: the operands, which may lose their contents.
    ///   - destinations: the memory of each result, which may be its own slot.
    func add(
        _ slots: [UnsafeMutableRawPointer], _ range: Range<Int>, _ layout: StatisticsLayout,
        into destinations: [UnsafeMutableRawPointer]
    ) {
        // A block at a time, so that intermediate sums stay in the cache.
        let block = 1 << 14
        for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
            let part = start..<min(start + block, range.upperBound)
            let skipped = start - range.lowerBound
            for (index, addition) in additions.enumerated() {
                let left = slots[addition.left] + skipped
                let sum = targets[index].map { destinations[$0] + skipped } ?? left
                layout.add(part, sum, left, slots[addition.right] + skipped)
            }
            for copy in copies where destinations[copy.result] != slots[copy.slot] {
                (destinations[copy.result] + skipped).copyMemory(
                    from: slots[copy.slot] + skipped, byteCount: part.count)
            }
        }
    }
}

extension ReductionTree {
    /// The additions that turn values of `nodes` into those of `targets`, which cover the same shards: such as the partial
    /// sums of neighbouring ranks into those of a machine.
    func additions(from nodes: [Node], to targets: [Node]) -> TreeAdditions {
        let (additions, results) = steps(from: nodes, to: targets)
        return TreeAdditions(additions, results: results)
    }
}
