import Datasets
import Foundation
import MethodKit
import Numerics
import Quantization
import Training

/// Plans a codebook study: everything but the number of passes is known beforehand.
///
///     let planner = try StudyPlanner(settings: settings, baseBytes: 3e7)
///     let plan = planner.plan(layout)
///     plan.phases.first { $0.name == "assign, kmeans" }
struct StudyPlanner: Planner {
    let settings: CodebookStudy.Settings
    let active: Int
    let rates: MachineRates
    let times: KernelTimes
    let baseBytes: Double
    private let itemSeconds: Double

    /// - Parameter baseBytes: memory of the program itself.
    init(settings: CodebookStudy.Settings, baseBytes: Double) throws {
        self.settings = settings
        self.baseBytes = baseBytes
        let source = VarianceDecayingGaussian(
            count: settings.trainCount, dimension: settings.dimension, decay: settings.decay, seed: settings.seed)
        active = ReverseWaterFilling(variances: source.variances, rate: log2(Double(settings.codewords))).active.count
        rates = MachineRates.measure(limit: 0.1)
        times = KernelTimes(
            codewords: settings.codewords, actives: [active, settings.dimension], memoryRate: rates.memory)
        itemSeconds = try Self.readingSeconds(source)
    }

    /// Seconds to draw one vector, measured on a few.
    private static func readingSeconds(_ source: VarianceDecayingGaussian) throws -> Double {
        let vector = AlignedBuffer<Float>(count: source.dimension)
        let count = min(source.count, 32)
        let clock = ContinuousClock()
        let start = clock.now
        for item in 0..<count { try source.read(item, into: vector.elements) }
        return (clock.now - start).seconds / Double(max(count, 1))
    }

    private func statistics(_ active: Int) -> StatisticsLayout {
        StatisticsLayout(rows: settings.codewords, columns: active, sums: 2 * settings.codewords + 1)
    }

    private var measurement: StatisticsLayout {
        StatisticsLayout(sums: 2 * (1 + settings.dimension + settings.codewords))
    }

    func plan(_ layout: RankLayout) -> Plan {
        var plan = Plan(
            method: CodebookStudyMethod.name, ranks: layout.ranks, threads: layout.threads, machines: layout.machines,
            shards: layout.shards, trainCount: settings.trainCount, testCount: settings.testCount,
            dimension: settings.dimension)
        let both = Double(settings.trainCount + settings.testCount)
        let elements = both * Double(settings.dimension)
        plan.add(
            "read data", steps: settings.trials,
            StepCost(seconds: layout.share * (both * itemSeconds + elements * times.square))
                + layout.exchange(StatisticsLayout(sums: settings.dimension), memoryRate: rates.memory))
        addTraining(to: &plan, "assign, kmeans", active: settings.dimension, cases: 1, layout) {
            8 * Double(settings.codewords * settings.dimension) / rates.memory
        }
        addTraining(to: &plan, "assign, vr-kmeans", active: active, cases: settings.lambdas.count, layout) {
            Double(active) * times.regularizedUpdate
        }
        for (size, cases) in [(settings.dimension, 1), (active, 1 + settings.lambdas.count)] {
            let search = 2 * Double(settings.codewords * size)
            let squaring = Double(2 * settings.dimension + 6 * size) * times.square
            let vector = times.search(active: size) + squaring
            let measure = StepCost(operations: both * search, seconds: layout.share * both * vector)
            plan.add(
                "measure", steps: settings.trials * cases,
                measure + layout.exchange(measurement, memoryRate: rates.memory))
        }
        plan.memory = memory(layout)
        plan.assumptions = [
            "Passes: all \(settings.iterations) of study.iterations; a codebook that converges earlier takes less.",
            "Time: kernels measured on one core of this machine now; every rank's machine is taken to be like it.",
        ]
        return plan
    }

    private func addTraining(
        to plan: inout Plan, _ name: String, active: Int, cases: Int, _ layout: RankLayout, update: () -> Double
    ) {
        let entries = Double(settings.codewords * active)
        let touched = Double(min(settings.codewords, layout.longestShard(of: settings.trainCount)) * active * 4)
        let vectors = Double(settings.trainCount)
        let accumulation = 4 * touched * Double(layout.shards) * layout.share / rates.memory
        let vector = times.search(active: active) + Double(8 * active) / rates.memory
        let updating = (update() / Double(layout.threads) + entries * 2 * times.square) * layout.slowdown
        let step = StepCost(
            operations: vectors * (2 * entries + Double(4 * active)),
            seconds: layout.share * vectors * vector + accumulation + updating)
        if settings.initialization != .gaussian || active == settings.dimension {
            let codebook = StatisticsLayout(rows: settings.codewords, columns: active)
            let row = StatisticsLayout(rows: 1, columns: active)
            let passes = settings.initialization == .plusPlus ? 2 * settings.codewords : 1
            plan.add(
                "initial codewords", steps: settings.trials * cases * passes,
                StepCost(seconds: layout.share * vectors * 4 * Double(active) / rates.memory)
                    + layout.exchange(passes > 1 ? row : codebook, memoryRate: rates.memory))
        }
        plan.add(
            name, steps: settings.trials * cases * settings.iterations,
            step + layout.exchange(statistics(active), memoryRate: rates.memory))
    }

    /// Memory of the rank that needs most, by purpose.
    func memory(_ layout: RankLayout) -> [Plan.Memory] {
        let row = 4 * Double(settings.dimension)
        let longest = layout.longestShard(of: max(settings.trainCount, settings.testCount))
        let codebook = 4 * Double(settings.codewords * settings.dimension)
        let largest = statistics(settings.dimension)
        return [
            Plan.Memory(what: "program and MPI", bytes: baseBytes),
            Plan.Memory(what: "training vectors", bytes: row * Double(layout.rows(of: settings.trainCount))),
            Plan.Memory(what: "test vectors", bytes: row * Double(layout.rows(of: settings.testCount))),
            Plan.Memory(
                what: "statistics (\(layout.statisticsAtATime) at a time)",
                bytes: Double(layout.statisticsAtATime * largest.bytes)),
            Plan.Memory(what: "exchange buffers", bytes: layout.exchangeBuffers(largest)),
            Plan.Memory(what: "codebook and search", bytes: 6 * codebook),
            Plan.Memory(what: "work space", bytes: row * Double(layout.threads) * Double(longest)),
        ].filter { $0.bytes > 0 }
    }

    /// Memory of the rank that needs most.
    func peakBytes(_ layout: RankLayout) -> Double { memory(layout).reduce(0) { $0 + $1.bytes } }
}
