import Datasets
import Messaging
import Stepping
import Training

/// One pass over many items by blocks, on all ranks and threads; the coordinator receives the results in the items' order.
///
///     let pass = BlockPass(items: 10_000_000, blockRows: 1024, bytesPerBlock: 8192, communicator: world, team: team)
///     try pass.run(progress: "quantizing") { items, worker, result in
///         result.storeBytes(of: UInt64(items.count), as: UInt64.self)     // up to bytesPerBlock bytes
///     } receive: { items, bytes in
///         print(items, bytes.load(as: UInt64.self))           // on the coordinator, block after block
///     }
///
/// A rank holds the results of its blocks of one round, the coordinator those of all ranks: memory does not grow with the
/// data. Blocks are the same for any number of ranks and threads.
struct BlockPass {
    let items: Int
    let blockRows: Int
    let bytesPerBlock: Int
    let communicator: any Communicator
    let team: Team

    private var blocks: Int { (items + blockRows - 1) / blockRows }

    private func range(_ block: Int) -> Range<Int> { block * blockRows..<min(items, (block + 1) * blockRows) }

    /// A signal has ended a pass, on all ranks alike; what was half written goes.
    struct Stopped: Error {}

    /// - Throws: `Stopped`, or what `compute` or `receive` throws.
    func run(
        progress text: String,
        compute: (_ items: Range<Int>, _ worker: Int, _ result: UnsafeMutableRawBufferPointer) throws -> Void,
        receive: (_ items: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let progress = communicator.rank == 0 ? ProgressLine() : nil
        let share = 4 * team.threads
        let round = share * communicator.size
        var own = [UInt8](repeating: 0, count: share * bytesPerBlock)
        var all = [UInt8](repeating: 0, count: communicator.rank == 0 ? round * bytesPerBlock : 0)
        for first in stride(from: 0, to: blocks, by: round) {
            let mine =
                min(blocks, first + communicator.rank * share)..<min(blocks, first + (communicator.rank + 1) * share)
            try own.withUnsafeMutableBytes { own in
                nonisolated(unsafe) let own = own
                try team.forEach(count: mine.count) { index, worker in
                    let start = index * bytesPerBlock
                    try compute(
                        range(mine.lowerBound + index), worker,
                        UnsafeMutableRawBufferPointer(rebasing: own[start..<start + bytesPerBlock]))
                }
            }
            try gather(own, into: &all)
            if communicator.rank == 0 {
                try all.withUnsafeBytes { all in
                    for block in first..<min(blocks, first + round) {
                        let start = (block - first) * bytesPerBlock
                        try receive(range(block), UnsafeRawBufferPointer(rebasing: all[start..<start + bytesPerBlock]))
                    }
                }
            }
            if try isStopped() { throw Stopped() }
            let done = min(items, (first + round) * blockRows)
            progress?.show(fraction: Double(done) / Double(items), text: "\(text): \(done) of \(items)")
        }
        progress?.finish()
    }

    /// Every rank's results side by side on the coordinator.
    private func gather(_ own: [UInt8], into all: inout [UInt8]) throws {
        guard communicator.size > 1 else {
            all = own
            return
        }
        let (size, isRoot) = (communicator.size, communicator.rank == 0)
        let zeros = [Int](repeating: 0, count: size)
        var sent = zeros
        sent[0] = own.count
        try own.withUnsafeBufferPointer { own in
            try all.withUnsafeMutableBufferPointer { all in
                try communicator.allToAll(
                    send: own, sendCounts: sent, sendOffsets: zeros, receive: all,
                    receiveCounts: isRoot ? [Int](repeating: own.count, count: size) : zeros,
                    receiveOffsets: isRoot ? (0..<size).map { $0 * own.count } : zeros)
            }
        }
    }

    /// Whether the coordinator has got a signal: all ranks leave together.
    private func isStopped() throws -> Bool {
        var flag: [UInt8] = [StopSignals.received ? 1 : 0]
        if communicator.size > 1 {
            try flag.withUnsafeMutableBufferPointer { try communicator.broadcast($0, root: 0) }
        }
        return flag[0] == 1
    }
}
