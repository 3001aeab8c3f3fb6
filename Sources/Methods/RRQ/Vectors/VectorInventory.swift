import Datasets
import Numerics
import Training

/// Every set of vectors that an RRQ run holds: the one list that the run makes them by, that its memory is shared out by
/// and that its plan counts.
///
///     let inventory = VectorInventory(
///         settings: settings, dimension: 1000, isImage: false, train: 8000, test: 2000, heldOut: 0)
///     inventory.uses                                          // [.train, .test, .activeEntries]
///     try inventory.memory(reduction: loop.reduction, budget: 2 << 30, folder: nil)
struct VectorInventory {
    /// Components of a vector.
    let dimension: Int
    /// The sets, in the order in which the run makes them.
    let uses: [VectorUse]
    private let train: Int
    private let test: Int
    private let heldOut: Int

    /// - Parameters:
    ///   - train: items in all ranks together, those that are held out not among them.
    ///   - test: 0 if nothing is held back.
    ///   - heldOut: 0 unless images are held out to calibrate super-resolution.
    init(settings: RRQRecipe.Settings, dimension: Int, isImage: Bool, train: Int, test: Int, heldOut: Int) {
        self.dimension = dimension
        (self.train, self.test, self.heldOut) = (train, test, heldOut)
        let isSuperResolving = settings.superResolutionFactor != nil
        uses = VectorUse.allCases.filter { use in
            switch use {
            case .train, .test: true
            case .bicubic, .plain: isSuperResolving
            case .views, .guided, .heldOut, .heldOutViews, .heldOutGuided: isSuperResolving && heldOut > 0
            case .originals, .pixels: isImage && test > 0
            case .activeEntries: settings.training.method == .rrq
            case .comparedTrain, .comparedTest: settings.comparisonLayers > 0
            }
        }
    }

    /// Whether the run holds such a set.
    func holds(_ use: VectorUse) -> Bool { uses.contains(use) }

    /// Vectors of a set in all ranks together.
    func count(_ use: VectorUse) -> Int {
        switch use.items {
        case .train: train
        case .test: test
        case .heldOut: heldOut
        }
    }

    /// Vectors of all sets together that are held and for which the condition is true.
    func count(where isCounted: (VectorUse) -> Bool) -> Int {
        uses.reduce(0) { isCounted($1) ? $0 + count($1) : $0 }
    }

    /// Bytes of a rank's blocks, each rounded to pages.
    struct Bytes {
        var needed = 0
        /// Of these, what only goes to a scratch file; without one it grows as needed in memory.
        var scratchOnly = 0
        /// The largest block.
        var largest = 0
    }

    /// What a rank needs; nil if that overflows.
    /// - Parameters:
    ///   - owned: the shards of the rank.
    ///   - shards: in how many the vectors are cut.
    func bytes(owned: Range<Int>, shards: Int) -> Bytes? {
        var result = Bytes()
        for use in uses {
            let ranges = ShardRange(count: count(use), shards: shards)
            for shard in owned {
                guard let exact = MemoryBudget.product(4, ranges[shard].count, dimension) else { return nil }
                let block = ScratchFile.roundedToPages(exact)
                let (needed, overflow) = result.needed.addingReportingOverflow(block)
                guard !overflow else { return nil }
                result.needed = needed
                if use == .activeEntries { result.scratchOnly += block }
                result.largest = max(result.largest, block)
            }
        }
        return result
    }

    /// Makes the room of this rank.
    /// - Parameters:
    ///   - budget: bytes that it may take of memory; nil for no limit.
    ///   - folder: where the scratch file lies; nil for `ScratchFile.defaultFolder`.
    /// - Throws: `LloydError.unusable` if the vectors fit no machine, `LloydError` if the scratch file cannot be made.
    func memory(reduction: OrderedReduction, budget: Int?, folder: String?) throws -> VectorMemory {
        guard let budget else { return .unlimited }
        guard let bytes = bytes(owned: reduction.owned, shards: reduction.tree.shards) else {
            throw LloydError.unusable(
                key: "data", problem: "its vectors take more than any disk has", remedy: "use fewer or smaller items")
        }
        return try VectorMemory(
            budget: budget, needed: bytes.needed, scratchOnly: bytes.scratchOnly, largest: bytes.largest,
            folder: folder, threads: reduction.team.threads)
    }
}
