import Foundation
import Numerics

/// Memory for a rank's vectors: ordinary memory up to a budget, a scratch file beyond it.
///
///     let memory = try VectorMemory(budget: 2 << 30, needed: 20 << 30, largest: 300 << 20, threads: 1)
///     let shard = memory.matrix(rows: 9000, columns: 1000)
///     shard.use().pointer                           // for as long as the shard is worked on
///
/// If all blocks together fit into the budget, they are ordinary memory. Otherwise three quarters of
/// the budget go to the first blocks, the rest lies in the scratch file, and a quarter of the budget bounds what of the
/// file is mapped at a time. Passes over the data go shard by shard, so a block is used from its first row to its last;
/// when it is begun, the kernel is asked to read it and the one behind it; when others displace it, to write what changed
/// and unmap it.
///
/// The cost, in bytes moved between memory and disk if the kernel has no room to keep the file: a step reads
/// the blocks it uses once, and writes those it changes once. For a layer over A of n dimensions that is, for training
/// vectors of B bytes: B read and A/n B written to gather the active entries, A/n B read in each pass over them, then
/// (1 + A/n) B read and as much written to subtract codewords. A machine whose free memory holds the file reads nothing.
public final class VectorMemory: @unchecked Sendable {
    /// No budget: all vectors in memory.
    public static let unlimited = VectorMemory()

    /// The scratch file; nil if all vectors fit into the budget.
    public let file: ScratchFile?
    /// Bytes that may be mapped at a time.
    private let window: Int
    /// Blocks that are left mapped in any case: those in work on every thread.
    private let fewest: Int
    private let lock = NSLock()
    /// Bytes that ordinary memory still may take.
    private var left: Int
    private var used = 0
    private var blocks: [StoredMatrix] = []
    /// The mapped blocks, the last used last.
    private var mapped: [StoredMatrix] = []
    /// Blocks that were released lately, the last one last. A thread that still used one maps its pages again, unnoticed;
    /// so each is released a second time after several others.
    private var leaving: [StoredMatrix] = []

    private init() {
        file = nil
        (window, fewest, left) = (0, 0, Int.max)
    }

    /// - Parameters:
    ///   - budget: bytes that vectors may take of this rank's memory; nil for no limit.
    ///   - needed: bytes of all blocks that will be asked for, each rounded to pages.
    ///   - scratchOnly: those of them that always lie in the scratch file if there is one.
    ///   - largest: bytes of the largest block.
    ///   - folder: the folder of the scratch file; nil for `ScratchFile.defaultFolder`.
    ///   - threads: threads that use blocks at the same time.
    /// - Throws: `LloydError` if the scratch file cannot be made.
    public init(
        budget: Int?, needed: Int, scratchOnly: Int = 0, largest: Int, folder: String? = nil, threads: Int
    ) throws {
        let split = Split(budget: budget, needed: needed, scratchOnly: scratchOnly, largest: largest)
        (left, window, fewest) = (split.memory, split.window, 2 * threads)
        file =
            split.scratch > 0
            ? try ScratchFile(folder: folder ?? ScratchFile.defaultFolder, bytes: split.scratch) : nil
    }

    /// How a budget is shared out.
    package struct Split: Sendable {
        /// Bytes that ordinary memory may take, that may be mapped at a time, and that the scratch file has.
        package let memory, window, scratch: Int

        /// Shares a budget out; the parameters are those of `VectorMemory.init`.
        package init(budget: Int?, needed: Int, scratchOnly: Int, largest: Int) {
            guard let budget, needed > budget else {
                (memory, window, scratch) = (Int.max, 0, 0)
                return
            }
            let memory = budget / 4 * 3
            self.memory = memory
            window = budget - memory
            // The first block that does not fit into memory any more may leave almost its size unused there.
            scratch = min(needed, max(needed - memory + largest, scratchOnly))
        }
    }

    /// A matrix of zeros in ordinary memory, or in the scratch file if the budget is spent.
    ///
    /// - Parameter scratchOnly: puts it into the scratch file in any case, if there is one.
    public func matrix(rows: Int, columns: Int, scratchOnly: Bool = false) -> StoredMatrix {
        let bytes = 4 * rows * columns
        lock.lock()
        defer { lock.unlock() }
        guard let file, bytes > 0 else { return StoredMatrix(Matrix(rows: rows, columns: columns)) }
        let size = ScratchFile.roundedToPages(bytes)
        if !scratchOnly, size <= left {
            left -= size
            return StoredMatrix(Matrix(rows: rows, columns: columns))
        }
        // From the first block on that does not fit, sets stay together in the file.
        if !scratchOnly { left = 0 }
        // Asking for more than was announced is a mistake of the program's, but no reason to end a run.
        guard used + size <= file.bytes else {
            assertionFailure("\(used + size) bytes of vectors, but \(file.bytes) were announced")
            return StoredMatrix(Matrix(rows: rows, columns: columns))
        }
        let buffer = AlignedBuffer<Float>(file.start + used, count: rows * columns, owner: file)
        let block = StoredMatrix(
            Matrix(rows: rows, columns: columns, storage: buffer), memory: self, range: used..<used + size,
            number: blocks.count)
        blocks.append(block)
        used += size
        return block
    }

    /// Bytes of the scratch file that are in use.
    public var scratchInUse: Int { lock.withLock { used } }

    /// Reports a disk that failed.
    /// - Throws: `LloydError` if the disk lost a part of the scratch file.
    public func check() throws { try file?.check() }

    fileprivate func begin(_ block: StoredMatrix) {
        guard let file else { return }
        var (released, next): ([Range<Int>], StoredMatrix?) = ([], nil)
        lock.lock()
        let isFresh = !block.hasContents
        let wasMapped = block.isMapped
        block.hasContents = true
        if wasMapped {
            if mapped.last !== block, let index = mapped.firstIndex(where: { $0 === block }) {
                mapped.append(mapped.remove(at: index))
            }
        } else {
            block.isMapped = true
            mapped.append(block)
            var bytes = mapped.reduce(0) { $0 + $1.extent.count }
            while bytes > window, mapped.count > fewest {
                let first = mapped.removeFirst()
                first.isMapped = false
                bytes -= first.extent.count
                released.append(first.range)
                leaving.append(first)
            }
            while leaving.count > 4 * fewest {
                let late = leaving.removeFirst()
                if !late.isMapped { released.append(late.range) }
            }
            if block.number + 1 < blocks.count { next = blocks[block.number + 1] }
            if let candidate = next, candidate.isMapped || !candidate.hasContents { next = nil }
        }
        lock.unlock()
        for range in released { file.release(range) }
        guard !wasMapped else { return }
        if !isFresh { file.prefetch(block.extent) }
        if let next { file.prefetch(next.extent) }
    }

    fileprivate func limit(_ block: StoredMatrix, to count: Int) {
        lock.withLock {
            block.extent = block.range.lowerBound..<block.range.lowerBound + min(4 * count, block.range.count)
        }
    }
}

/// A matrix in a `VectorMemory`, in ordinary memory or in the scratch file.
public final class StoredMatrix: @unchecked Sendable {
    private let matrix: Matrix
    private weak var memory: VectorMemory?
    /// Its bytes in the scratch file, and those of them that are in use.
    fileprivate let range: Range<Int>
    fileprivate var extent: Range<Int>
    fileprivate let number: Int
    fileprivate var isMapped = false
    fileprivate var hasContents = false

    fileprivate init(_ matrix: Matrix, memory: VectorMemory? = nil, range: Range<Int> = 0..<0, number: Int = 0) {
        self.matrix = matrix
        self.memory = memory
        self.range = range
        extent = range
        self.number = number
    }

    /// Rows of the matrix.
    public var rows: Int { matrix.rows }
    /// Elements of the matrix.
    public var count: Int { matrix.count }

    /// The matrix, to be worked on now. May be called repeatedly and from any thread. The matrix stays valid as long as it
    /// is referenced, but only what was asked for lately is sure to be in memory.
    public func use() -> Matrix {
        if !range.isEmpty { memory?.begin(self) }
        return matrix
    }

    /// Says that only the first `count` elements will be used from now on: no others are read from the disk.
    public func limit(to count: Int) { if !range.isEmpty { memory?.limit(self, to: count) } }
}
