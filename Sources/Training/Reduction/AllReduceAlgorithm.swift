import Messaging
import Numerics
import Stepping

/// How chunks of a vector are reduced over a given group of ranks: straight from rank to rank (`DirectAllReduce`), or inside
/// each machine first (`HierarchicalAllReduce`). The additions are those of the tree either way.
protocol AllReduceAlgorithm: AnyObject {
    /// Transfers of a chunk, one after the other: of the direct algorithm reduce-scatter and all-gather.
    var phases: Int { get }
    /// Bytes this rank has sent and received so far.
    var bytesMoved: Int { get }
    /// The number of partial sums that this rank contributes.
    var ownContributions: Int { get }
    /// Plans the reduction of the bytes `range` of a vector; bounds are multiples of 64, but for the vector's end.
    func reduction(of range: Range<Int>) -> any ChunkReduction
}

extension AllReduceAlgorithm {
    /// Chunks under way that need memory at the same time when they follow `ReductionSchedule`: a chunk's memory is free once
    /// its last addition is done, which is before its last but one phase begins or, of two phases, before the last.
    var slots: Int { phases == 2 ? 2 : 3 }
}

/// The reduction of one chunk: a few transfers, one after the other, and what is added in between.
///
///     let reduction = algorithm.reduction(of: 0..<layout.bytes)
///     for phase in 0..<algorithm.phases {
///         try reduction.start(phase, partials, slot: 0)?.wait()
///         reduction.complete(phase, partials, slot: 0)
///     }
///     // partials[0] holds the sum over all shards, on every rank
///
/// Nothing here waits; `ChunkedAllReduce` decides when each chunk continues. A slot is memory for one chunk under way.
protocol ChunkReduction: AnyObject {
    /// Starts a phase, after `complete` of the one before; nil if nothing has to travel.
    func start(_ phase: Int, _ partials: [Statistics], slot: Int) throws -> (any Transfer)?
    /// Adds what a phase has brought, if there is something to add.
    func complete(_ phase: Int, _ partials: [Statistics], slot: Int)
}

/// The order in which all ranks start the phases of all chunks: it must be the same everywhere, whatever arrives when.
///
/// Chunk 0 begins; then chunk 1 begins and chunk 0 continues, and so forth: while one chunk is added, others travel.
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

/// Memory that is kept from chunk to chunk and grows if it must.
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

/// How many bytes are exchanged with each member of a group, and at which offset of a buffer they lie.
struct MemberBytes {
    let counts: [Int]
    let offsets: [Int]

    /// All side by side.
    init(_ counts: [Int]) {
        self.counts = counts
        var next = 0
        offsets = counts.map { count in
            defer { next += count }
            return next
        }
    }

    /// All side by side; nothing for the member itself.
    init(_ counts: [Int], without own: Int) {
        var counts = counts
        counts[own] = 0
        self.init(counts)
    }

    /// Segments of a vector at their own offsets from the first, of which the member itself is sent nothing or everything.
    init(segments: [Range<Int>], without own: Int? = nil) {
        counts = segments.enumerated().map { $0.offset == own ? 0 : $0.element.count }
        offsets = segments.map { $0.lowerBound - segments[0].lowerBound }
    }

    /// The length of the buffer.
    var end: Int { zip(offsets, counts).map { $0 + $1 }.max() ?? 0 }
}

/// Lays what each member gets side by side: its segment of every partial sum.
func pack(
    _ partials: [Statistics], _ segments: [Range<Int>], _ sent: MemberBytes, _ buffer: GrowingBuffer
) -> UnsafeBufferPointer<UInt8> {
    let memory = buffer.pointer(atLeast: sent.end)
    for (other, segment) in segments.enumerated() where sent.counts[other] > 0 {
        for (index, partial) in partials.enumerated() {
            copyBytes(to: memory + sent.offsets[other] + index * segment.count, from: partial, segment)
        }
    }
    return UnsafeBufferPointer(start: memory, count: sent.end)
}

/// The bytes `range` of a vector.
func bytes(of statistics: Statistics, _ range: Range<Int>) -> UnsafeMutableBufferPointer<UInt8> {
    let start = (statistics.memory + range.lowerBound).assumingMemoryBound(to: UInt8.self)
    return UnsafeMutableBufferPointer(start: start, count: range.count)
}

func copyBytes(to destination: UnsafeMutablePointer<UInt8>, from statistics: Statistics, _ range: Range<Int>) {
    UnsafeMutableRawPointer(destination).copyMemory(
        from: statistics.memory + range.lowerBound, byteCount: range.count)
}
