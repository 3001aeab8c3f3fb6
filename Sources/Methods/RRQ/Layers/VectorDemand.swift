import Datasets
import Numerics
import Training

/// How much room the vectors of a run take: the one count that the run itself and its plan go by.
///
///     var demand = VectorDemand(dimension: 1000)
///     demand.add(train.count, copies: 1)
///     demand.addScratch(train.count)                          // active entries of the residuals, at most
///     try demand.memory(reduction: loop.reduction, budget: 2 << 30, folder: nil)
struct VectorDemand {
    let dimension: Int
    /// Vectors of a set in all ranks, and how many times the set is held.
    private(set) var sets: [(count: Int, copies: Int)] = []
    /// The same of what only goes to a scratch file, and grows as needed in memory.
    private(set) var scratch: [(count: Int, copies: Int)] = []

    init(dimension: Int) { self.dimension = dimension }

    mutating func add(_ count: Int, copies: Int = 1) { sets.append((count, copies)) }
    mutating func addScratch(_ count: Int) { scratch.append((count, 1)) }

    /// Everything that an RRQ run holds of its sets.
    ///
    /// - Parameters:
    ///   - test: 0 where nothing is held back.
    ///   - heldOut: nil unless images are held out to calibrate super-resolution.
    init(
        settings: RRQRecipe.Settings, dimension: Int, isImage: Bool, train: Int, test: Int, heldOut: Int?
    ) {
        self.init(dimension: dimension)
        add(train)
        // As they become residuals; before any layer and as pixels, to measure restored images against.
        add(test, copies: isImage ? 3 : 1)
        if settings.superResolutionFactor != nil {
            // The bicubic images, and as they are encoded.
            add(test, copies: 2)
            if let heldOut {
                // Corrected views, and as they are encoded; held-out images, their views, and as these are encoded.
                add(test, copies: 2)
                add(heldOut, copies: 3)
            }
        }
        if settings.training.method == .rrq { addScratch(train) }
        if settings.comparisonLayers > 0 {
            add(train)
            add(test)
        }
    }

    /// Bytes of a rank's blocks, each rounded to pages; nil where that overflows.
    struct Bytes {
        var needed = 0
        var scratchOnly = 0
        var largest = 0
    }

    func bytes(owned: Range<Int>, shards: Int) -> Bytes? {
        var result = Bytes()
        for (list, isScratch) in [(sets, false), (scratch, true)] {
            for (count, copies) in list {
                let ranges = ShardRange(count: count, shards: shards)
                for shard in owned {
                    guard let block = MemoryBudget.product(4, ranges[shard].count, dimension),
                        let all = MemoryBudget.product(ScratchFile.roundedToPages(block), copies),
                        !result.needed.addingReportingOverflow(all).overflow
                    else { return nil }
                    result.needed += all
                    if isScratch { result.scratchOnly += all }
                    result.largest = max(result.largest, ScratchFile.roundedToPages(block))
                }
            }
        }
        return result
    }

    /// Makes the room of this rank.
    ///
    /// - Throws: `TrainingError.unusable` where the vectors fit no machine, `DatasetError` where the scratch file cannot be
    ///   made.
    func memory(reduction: OrderedReduction, budget: Int?, folder: String?) throws -> VectorMemory {
        guard let budget else { return .unlimited }
        guard let bytes = bytes(owned: reduction.owned, shards: reduction.tree.shards) else {
            throw TrainingError.unusable(
                key: "data", problem: "its vectors take more than any disk has", remedy: "use fewer or smaller items")
        }
        return try VectorMemory(
            budget: budget, needed: bytes.needed, scratchOnly: bytes.scratchOnly, largest: bytes.largest,
            folder: folder, threads: reduction.team.threads)
    }
}
