import ArgumentParser
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
import Quantization
import Training

struct ScalingBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling",
        abstract:
            "Steps of NVTC and RRQ with the same work on every rank: computing, waiting, exchange hidden and exposed.",
        discussion: """
            mpirun -n 1 lloyd-bench scaling --json 1.json
            mpirun -n 2 --bind-to core lloyd-bench scaling --json 2.json
            lloyd-bench scaling-report 1.json 2.json --out Reports/scaling

            NVTC is the paper's model with its crops of 256 x 256; RRQ is a pass of K-means over vectors of 1000 dimensions \
            with 256 codewords. A time is that of the slowest rank. The exchange alone, with nothing to hide behind, is \
            measured apart. More ranks than cores measure how ranks take turns. Other programs on the same cores upset \
            every figure.
            """)

    @Option(help: "Write the figures to this file.") var json: String?
    @Option(help: "Timed steps of each, after two to warm up.") var steps = 8
    @Option(help: "Crops of a rank in a step of NVTC.") var crops = 1
    @Option(help: "Vectors of a rank in a pass of RRQ.") var vectors = 100_000

    func validate() throws {
        guard steps >= 3, (1...1024).contains(crops), (256...10_000_000).contains(vectors) else {
            throw ValidationError("expected 3 steps or more, 1 to 1024 crops, 256 to 10,000,000 vectors")
        }
    }

    func run() throws {
        let world = try MPIEnvironment.startIfLaunched()
        Job.run(world, context: "measuring steps") {
            let layout = try NodeLayout.detect(world)
            let workloads = [try transformCoding(world, layout), try residualQuantization(world, layout)]
            guard world.rank == 0 else { return }
            let measurement = ScalingMeasurement(
                processor: processorName(), ranks: world.size, machines: layout?.nodes ?? 1, workloads: workloads)
            measurement.show()
            if let json { try writeJSON(measurement, to: json) }
        }
    }

    // MARK: NVTC

    private func transformCoding(
        _ world: any Communicator, _ layout: NodeLayout?
    ) throws -> ScalingMeasurement.Workload {
        var settings = NVTCSettings()
        settings.training.batch = crops * world.size
        settings.training.steps = 1 << 20
        let descent = NVTCDescent(
            NVTCModel(settings.architecture, seed: 1), settings, lambda: settings.lambdas[0], from: .trainedModel,
            images: HeldImages(count: 4, side: 320), threads: 1)
        var workload = try measure("NVTC, \(crops) crop\(crops == 1 ? "" : "s") a rank", descent, world, layout)
        // The exchange may hide behind the backward pass of a rank's last crop, two thirds of its operations.
        workload.hideable = 2.0 / 3 / Double(crops)
        return workload
    }

    // MARK: RRQ

    private func residualQuantization(
        _ world: any Communicator, _ layout: NodeLayout?
    ) throws -> ScalingMeasurement.Workload {
        let vectors = GaussianShards(perRank: vectors, dimension: 1000, ranks: world.size, rank: world.rank)
        let codebook = Matrix(rows: 256, columns: vectors.dimension)
        codebook.fillWithGaussianCodewords(
            variances: Array(repeating: 1, count: vectors.dimension), seed: 1, step: 0)
        let lloyd = LloydIterations(
            vectors: vectors, owned: vectors.owned, codebook: codebook, iterations: 1 << 20,
            update: KMeansUpdate(seed: 1), threads: 1)
        return try measure("RRQ, \(self.vectors) vectors a rank", lloyd, world, layout)
    }

    // MARK: Measuring

    private func measure(
        _ name: String, _ method: any TrainingMethod, _ world: any Communicator, _ layout: NodeLayout?
    ) throws -> ScalingMeasurement.Workload {
        let shards = (method as? NVTCDescent)?.microBatches ?? GaussianShards.perRank * world.size
        let reduction = try OrderedReduction(
            communicator: world, team: Team(threads: 1), shards: shards, layout: layout)
        var steps: [ScalingMeasurement.Step] = []
        for step in -2..<self.steps {
            try world.barrier()
            let (before, start) = (reduction.times, ContinuousClock.now)
            let total = try reduction.sum(method.layout, map: method.map)
            let summed = ContinuousClock.now
            _ = try method.update(total, team: reduction.team)
            let (after, end) = (reduction.times, ContinuousClock.now)
            guard step >= 0 else { continue }
            func slowest(_ seconds: Double) throws -> Double { try world.allGather(value: seconds).max()! }
            func mean(_ seconds: Double) throws -> Double {
                try world.allGather(value: seconds).reduce(0, +) / Double(world.size)
            }
            let computing = after.map - before.map
            steps.append(
                .init(
                    seconds: try slowest((end - start).seconds), computing: try mean(computing),
                    slowestComputing: try slowest(computing), waiting: try mean(after.wait - before.wait),
                    exchanging: try mean(after.exchange - before.exchange),
                    updating: try mean((end - summed).seconds)))
        }
        return ScalingMeasurement.Workload(
            name: name, bytes: method.layout.bytes, steps: steps,
            alone: try exchangeAlone(method.layout, shards: shards, world, layout), hideable: 0)
    }

    /// What the exchange takes when nothing hides it: the slowest rank's time.
    private func exchangeAlone(
        _ statistics: StatisticsLayout, shards: Int, _ world: any Communicator, _ layout: NodeLayout?
    ) throws -> Timings {
        var timings = Timings()
        guard world.size > 1 else { return timings }
        let tree = ReductionTree(shards: shards)
        let exchange = try ChunkedAllReduce(communicator: world, tree: tree, layout: layout)
        let partials = tree.partialNodes(of: tree.ownedShards(rank: world.rank, ranks: world.size)).map { _ in
            let partial = Statistics(layout: statistics)
            partial.claimAllRows()
            partial.bulk.update(repeating: 1e-9, count: statistics.bulk)
            return partial
        }
        for repetition in -2..<7 {
            try world.barrier()
            let start = ContinuousClock.now
            try exchange.reduce(partials)
            let seconds = try world.allGather(value: (ContinuousClock.now - start).seconds).max()!
            if repetition >= 0 { timings.seconds.append(seconds) }
        }
        return timings
    }
}

/// Built-in images that stay in memory, so that nothing but the training is timed.
private struct HeldImages: ImageCollection {
    private let images: [Image]

    init(count: Int, side: Int) {
        let leaves = VectorImages(DeadLeaves(count: count, width: side, height: side, channels: 3, seed: 1))
        // Built-in images cannot fail.
        images = (0..<count).map { try! leaves.image($0) }
    }

    var count: Int { images.count }
    func name(_ index: Int) -> String { "image \(index)" }
    func size(_ index: Int) -> (height: Int, width: Int) { (images[index].height, images[index].width) }
    func image(_ index: Int) throws -> Image { images[index] }
}

/// Gaussian vectors, as many on every rank.
private final class GaussianShards: ShardedVectors {
    static let perRank = 16
    let dimension: Int
    let count: Int
    let owned: Range<Int>
    private let ranges: ShardRange
    private let matrices: [Matrix]

    init(perRank: Int, dimension: Int, ranks: Int, rank: Int) {
        self.dimension = dimension
        count = perRank * ranks
        let ranges = ShardRange(count: count, shards: Self.perRank * ranks)
        self.ranges = ranges
        owned = Self.perRank * rank..<Self.perRank * (rank + 1)
        let random = CounterRandom(seed: 1, purpose: .syntheticTrain)
        matrices = owned.map { shard in
            let matrix = Matrix(rows: ranges[shard].count, columns: dimension)
            for (row, item) in ranges[shard].enumerated() { random.normals(item: item, into: matrix.row(row)) }
            return matrix
        }
    }

    func firstIndex(ofShard shard: Int) -> Int { shard >= ranges.shards ? count : ranges[shard].lowerBound }
    func vectorCount(ofShard shard: Int) -> Int { ranges[shard].count }
    func vectors(ofShard shard: Int) -> Matrix { matrices[shard - owned.lowerBound] }
}
