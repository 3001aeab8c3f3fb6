import Datasets
import Numerics
import Training

/// The vectors of an RRQ run: makes the sets that the inventory lists, each at its time.
///
///     let data = try RunVectors(sources: sources, factor: 8, transform: transform, inventory: inventory, loop, memory)
///     // pre-processing works on data.train and data.others in place
///     data.copySets()
///     data[.originals]                                        // the test images, which no layer changes
final class RunVectors {
    /// The data of a run: its items by what they are for.
    struct Sources {
        var train: any VectorSource
        /// Nil if nothing is held back for testing.
        var test: (any VectorSource)?
        /// Nil unless training images are held out to weigh frequencies in super-resolution.
        var heldOut: (any VectorSource)?
    }

    /// What layers are trained on.
    let train: VectorShards
    private var sets: [VectorUse: VectorShards] = [:]
    private let inventory: VectorInventory

    /// Reads what the run starts from.
    /// - Parameters:
    ///   - factor: of super-resolution; nil for none.
    ///   - transform: whose frequencies the vectors become.
    ///   - memory: where they go.
    /// - Throws: `LloydError` for an item that cannot be read, or images too small for the factor.
    init(
        sources: Sources, factor: Int?, transform: DecorrelatingTransform, inventory: VectorInventory,
        _ loop: TrainingLoop, _ memory: VectorMemory
    ) throws {
        self.inventory = inventory
        func load(_ source: any VectorSource, _ name: String) throws -> VectorShards {
            try Self.load(source, name, transform, loop, memory)
        }
        func view(_ source: any VectorSource) throws -> LowResolutionView? {
            try factor.map { try LowResolutionView(source, factor: $0) }
        }
        train = try load(sources.train, "train")
        for use in inventory.uses where use.stage == .loading {
            sets[use] =
                switch use {
                case .train: train
                case .test: try sources.test.map { try load($0, "test") }
                case .bicubic: try sources.test.flatMap(view).map { try load($0, "bicubic") }
                case .views: sets[.bicubic]?.copy(name: "views")
                case .heldOut: try sources.heldOut.map { try load($0, "held out") }
                case .heldOutViews: try sources.heldOut.flatMap(view).map { try load($0, "held-out views") }
                default: preconditionFailure("\(use) is not loaded")
                }
        }
    }

    /// Makes the copies that the first layer needs, after pre-processing.
    func copySets() {
        for use in inventory.uses where use.stage == .copying {
            sets[use] =
                switch use {
                case .plain: encodedCopy(of: .bicubic)
                case .guided: encodedCopy(of: .views)
                case .heldOutGuided: encodedCopy(of: .heldOutViews)
                case .originals: sets[.test]?.copy(name: "originals")
                default: preconditionFailure("\(use) is not a copy")
                }
        }
    }

    private func encodedCopy(of use: VectorUse) -> VectorShards? {
        sets[use].map { $0.copy(name: $0.name + ", encoded") }
    }

    /// A set that was made already; nil if the run has none of it.
    subscript(use: VectorUse) -> VectorShards? { sets[use] }

    /// The loaded sets that are pre-processed like `train`.
    var others: [VectorShards] {
        inventory.uses.filter { $0.stage == .loading && $0 != .train }.compactMap { sets[$0] }
    }

    /// Reads a set on all threads: the frequencies of its items.
    /// - Throws: `LloydError` for an item that cannot be read.
    static func load(
        _ source: any VectorSource, _ name: String, _ transform: DecorrelatingTransform, _ loop: TrainingLoop,
        _ memory: VectorMemory
    ) throws -> VectorShards {
        let scratch = (0..<loop.reduction.team.threads).map { _ in
            AlignedBuffer<Float>(count: transform.scratchCount)
        }
        return try VectorShards.load(
            source, name: name, reduction: loop.reduction, memory: memory
        ) { pixels, vector, worker in
            transform.frequencies(of: pixels, into: vector, scratch: scratch[worker].pointer)
        }
    }
}
