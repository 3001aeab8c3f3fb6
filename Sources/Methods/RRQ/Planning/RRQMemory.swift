import Datasets
import MethodKit
import Quantization
import Training

/// Memory of an RRQ run, from the sizes of what it allocates.
extension RRQPlanner {
    /// Memory of the rank that needs most, by purpose, at the moment of the peak.
    func memory(_ layout: RankLayout) -> [Plan.Memory] {
        let preparing = limited(preparing(layout), layout)
        let training = limited(trainingItems(layout), layout)
        func sum(_ items: [Plan.Memory]) -> Double { items.reduce(0) { $0 + $1.bytes } }
        return (sum(preparing) > sum(training) ? preparing : training).filter { $0.bytes > 0 }
    }

    /// Memory of the rank that needs most.
    func peakBytes(_ layout: RankLayout) -> Double { memory(layout).reduce(0) { $0 + $1.bytes } }

    /// How data.memory shares out the vectors of the rank that needs most, and its largest block; nil without a budget.
    func split(_ layout: RankLayout) -> (split: VectorMemory.Split, largest: Int)? {
        guard let budget = settings.memoryBudget else { return nil }
        guard let bytes = layout.bytes(of: inventory) else { return nil }
        let split = VectorMemory.Split(
            budget: budget, needed: bytes.needed, scratchOnly: bytes.scratchOnly, largest: bytes.largest)
        return (split, bytes.largest)
    }

    /// What a plan calls sets of vectors.
    private enum Purpose: String, CaseIterable {
        case training = "training vectors"
        case test = "test vectors"
        case following = "low-resolution and held-out images"
        case copies = "copies of sets to restore from"
        case activeEntries = "active entries of the training vectors"
        case comparison = "vectors of K-means for comparison"

        init(_ use: VectorUse) {
            switch use.stage {
            case .loading: self = use == .train ? .training : use == .test ? .test : .following
            case .copying: self = .copies
            case .training: self = use == .activeEntries ? .activeEntries : .copies
            case .comparison: self = .comparison
            }
        }
    }

    /// The sets of a purpose, whole vectors.
    private func vectors(for purpose: Purpose, _ layout: RankLayout) -> Plan.Memory {
        let bytes = inventory.uses.filter { Purpose($0) == purpose }.reduce(0.0) {
            $0 + 4 * Double(layout.rows(of: inventory.count($1))) * Double(dimension)
        }
        return Plan.Memory(what: purpose.rawValue, bytes: bytes)
    }

    /// With a scratch file all sets together take what the budget leaves them, but for blocks in work.
    private func limited(_ items: [Plan.Memory], _ layout: RankLayout) -> [Plan.Memory] {
        guard let (split, largest) = split(layout), split.scratch > 0 else { return items }
        let mapped = max(split.window, 2 * layout.threads * largest)
        return [Plan.Memory(what: "vectors and residuals (data.memory)", bytes: Double(split.memory + mapped))]
            + items.filter { Purpose(rawValue: $0.what) == nil }
    }

    /// One thread's copy of a shard, for each thread.
    private func shardCopies(_ count: Int, _ layout: RankLayout) -> Double {
        4 * Double(layout.threads) * Double(layout.longestShard(of: count)) * Double(dimension)
    }

    /// What both moments hold.
    private func common(_ layout: RankLayout) -> [Plan.Memory] {
        [
            Plan.Memory(what: "program and MPI", bytes: baseBytes),
            vectors(for: .training, layout),
            vectors(for: .test, layout),
            vectors(for: .following, layout),
            Plan.Memory(
                what: "statistics (\(layout.statisticsAtATime) at a time)",
                bytes: Double(layout.statisticsAtATime * largestStatistics.bytes)),
            Plan.Memory(what: "exchange buffers", bytes: layout.exchangeBuffers(largestStatistics)),
            Plan.Memory(what: "principal components", bytes: basisBytes),
        ]
    }

    private var basisBytes: Double {
        hasPrincipalComponents ? bands.reduce(0) { $0 + 4 * Double($1.count) * Double($1.count) } : 0
    }

    /// While eigenvectors become bases: the covariances are still there.
    private func preparing(_ layout: RankLayout) -> [Plan.Memory] {
        guard hasPrincipalComponents else { return [] }
        let longest = layout.longestShard(of: train)
        return common(layout) + [
            Plan.Memory(what: "covariances", bytes: Double(covarianceStatistics.bytes)),
            Plan.Memory(
                what: "work space", bytes: 4 * Double(layout.threads * max(widest * longest, widest * widest))),
        ]
    }

    private func trainingItems(_ layout: RankLayout) -> [Plan.Memory] {
        let active = actives.max()!
        // Each set that follows the training keeps a shard's active entries for each thread.
        let share = min(1, 1.25 * Double(active) / Double(dimension))
        var work = inventory.uses.filter { $0.isEncoded && $0 != .train }.reduce(0.0) {
            $0 + share * shardCopies(inventory.count($1), layout)
        }
        if let shape, hasEvaluation {
            let rows = layout.longestShard(of: test)
            let restore = max(2 * dimension, rows * widest)
            let similarity = 10 * shape.width * shape.height
            let floats = rows * dimension + restore + similarity
            work += 4 * Double(layout.threads * floats)
        }
        let columns = min(1.25 * Double(active), Double(dimension))
        let compact = 4 * columns * Double(layout.rows(of: train))
        let shown = settings.training.snapshots.count * evaluationStatistics.bulk
        let pictures = hasEvaluation ? 4 * Double(shown) : 0
        var items =
            common(layout) + [
                vectors(for: .copies, layout),
                Plan.Memory(what: "work space", bytes: work),
                Plan.Memory(what: Purpose.activeEntries.rawValue, bytes: compact),
                Plan.Memory(what: "codebook and search", bytes: codebookBytes(active, layout)),
                Plan.Memory(what: "pictures for the report", bytes: pictures),
            ]
        if isCompared {
            let codebook = codebookBytes(dimension, layout)
            items.append(vectors(for: .comparison, layout))
            items.append(
                Plan.Memory(what: "K-means for comparison", bytes: shardCopies(test, layout) + codebook))
        }
        return items
    }

    /// A layer's codebook in its forms: while it is trained, of the pass before, as it is kept, packed and unpacked for two
    /// searches.
    private func codebookBytes(_ active: Int, _ layout: RankLayout) -> Double {
        let copies = isCalibrated ? 8 : 7
        let packed = 4 * copies * codewords * active
        let panels = 8 * layout.threads * 2048 * min(active, 4096)
        return Double(packed + panels)
    }
}
