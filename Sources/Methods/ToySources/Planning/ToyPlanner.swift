import MethodKit
import Training

/// Plans the learned transforms of a toy-source study, which take most of its time: NTC, NT-VQ and NT-ECVQ.
///
///     let planner = try ToyPlanner(config: config, baseBytes: 3e7)
///     let plan = planner.plan(layout)
///     plan.phases.first { $0.name == "gradient steps, NTC" }
///
/// Codebooks of VQ and ECVQ are left out, and the plan says so: how many passes they take depends on how they converge.
struct ToyPlanner: Planner {
    let rates: MachineRates
    private let settings: ToySettings
    private let cost: GradientStepCost
    private let baseBytes: Double
    private let shards: Int

    /// Points that a method trains, and gradient steps in all of them.
    private struct Curve {
        var method: ToyMethod
        var points: Int
        /// With noise, or of transforms and codebook together.
        var steps: Int
        /// On rounded latents: the analysis is not trained.
        var roundedSteps = 0
        /// Samples that go through the model once to measure it.
        var measured: Double
    }

    /// - Parameter baseBytes: memory of the program itself.
    /// - Throws: `ConfigError` for keys that do not fit together, or if no method is one that can be planned.
    init(config: Config, baseBytes: Double) throws {
        settings = try ToySettings(config)
        guard settings.hasTransforms else {
            throw config.fault(
                ToyStudyMethod.own.methods,
                "there is no forecast for vq and ecvq: how many passes they take shows in training",
                remedy: "plan with ntc, ntvq or ntecvq in the list, whose steps are known beforehand")
        }
        self.baseBytes = baseBytes
        shards = config[Keys.general.shards]
        cost = try GradientStepCost(settings: settings)
        rates = MachineRates.measure(limit: 0.1)
    }

    var mostRanks: Int? { min(shards, microBatches) }

    /// Micro-batches of a gradient step: no more ranks can take part.
    private var microBatches: Int { cost.microBatches }

    private var curves: [Curve] {
        let transform = settings.transform
        let tests = Double(settings.testSamples)
        return settings.methods.compactMap { method in
            switch method {
            case .vq, .ecvq: return nil
            case .ntc:
                let points = settings.ntcLambdas.count
                let steps = [transform.steps] + Array(repeating: transform.warmSteps, count: points - 1)
                let starts = transform.starts > 1 ? transform.starts : 0
                let rounded = steps.map { Int((Double($0) * transform.roundingShare).rounded()) }
                // Placing the cells tries 16 offsets in the plane, 4 elsewhere, on 2^14 samples: half a model for each,
                // and half of one to analyze them.
                let placing = Double(1 << 14) * (settings.dimension == 2 ? 8.5 : 2.5)
                let placings = starts + rounded.reduce(0) { $0 + ($1 > 0 ? 2 : 1) }
                return Curve(
                    method: method, points: points, steps: steps.reduce(0, +) + starts * transform.startSteps,
                    roundedSteps: rounded.reduce(0, +), measured: Double(placings) * placing + Double(points) * tests)
            case .ntvq, .ntecvq:
                let points = method == .ntvq ? settings.ntvqCodewords.count : settings.ntecvqLambdas.count
                return Curve(
                    method: method, points: points, steps: points * transform.codebookSteps,
                    measured: 2 * Double(points) * tests)
            }
        }
    }

    /// How ranks share the micro-batches of a step, rather than the shards.
    private func stepLayout(_ layout: RankLayout) -> RankLayout? {
        try? RankLayout(
            ranks: layout.ranks, threads: layout.threads, machines: layout.machines, shards: cost.microBatches,
            cores: layout.cores, network: layout.network)
    }

    var words: PlanWords {
        PlanWords(
            total: "Without codebooks", shares: microBatches < shards ? "micro-batches" : "shards",
            smaller: "smaller micro-batches (transform.micro-batch) or narrower transforms (transform.width)")
    }

    func plan(_ layout: RankLayout) -> Plan {
        let all = curves
        let batch = Double(settings.transform.batch)
        let steps = all.reduce(0) { $0 + $1.steps + $1.roundedSteps }
        var plan = Plan(
            method: ToyStudyMethod.name, ranks: layout.ranks, threads: layout.threads, machines: layout.machines,
            shards: layout.shards, trainCount: steps * settings.transform.batch, testCount: settings.testSamples,
            dimension: settings.dimension)
        guard let micro = stepLayout(layout) else { return plan }
        let mapping = micro.share * Double(cost.microBatches) * cost.microBatchSeconds
        let exchange = micro.exchange(cost.statistics, memoryRate: rates.memory)
        let update = cost.updateSeconds * layout.slowdown
        // A third of a step's products is forward.
        let sample = Double(cost.microBatches) * cost.microBatchSeconds / batch / 3
        for curve in all {
            let step = StepCost(operations: cost.operations, seconds: mapping + update) + exchange
            plan.add("gradient steps, \(curve.method.title)", steps: curve.steps, step)
            if curve.roundedSteps > 0 {
                // The analysis runs forward only: four of six products.
                let rounded = StepCost(operations: cost.operations * 2 / 3, seconds: mapping * 2 / 3 + update)
                plan.add("steps on rounded latents", steps: curve.roundedSteps, rounded + exchange)
            }
            plan.add(
                "measure, \(curve.method.title)", steps: curve.points,
                StepCost(
                    operations: 2 * Double(cost.weights) * curve.measured / Double(curve.points),
                    seconds: layout.share * curve.measured * sample / Double(curve.points))
                    + layout.exchange(cost.measurement, memoryRate: rates.memory))
        }
        plan.memory = memory(layout)
        plan.assumptions = assumptions
        return plan
    }

    private var assumptions: [String] {
        var sentences = [
            "Steps: the forward and backward pass of one micro-batch and one update, measured on a core of this machine now; "
                + "every rank's machine is taken to be like it. The exchange is added, although most of it hides behind "
                + "the backward pass.",
            "Operations: matrix products only, \(cost.weights) weights in two transforms.",
        ]
        let left = settings.methods.filter { $0 == .vq || $0 == .ecvq }.map(\.title)
        let starts = settings.methods.contains { $0 == .ntvq || $0 == .ntecvq }
        if !left.isEmpty || starts {
            sentences.append(
                "Left out: the codebooks of "
                    + (left + (starts ? ["the starts of NT-VQ and NT-ECVQ"] : [])).joined(separator: ", ")
                    + "; how many passes they take, and how much memory, shows in training.")
        }
        return sentences
    }

    /// Memory of the rank that needs most, by purpose.
    private func memory(_ layout: RankLayout) -> [Plan.Memory] {
        guard let micro = stepLayout(layout) else { return [Plan.Memory(what: "program and MPI", bytes: baseBytes)] }
        return [
            Plan.Memory(what: "program and MPI", bytes: baseBytes),
            Plan.Memory(what: "model and optimizer", bytes: cost.modelBytes),
            Plan.Memory(what: "tapes of the threads", bytes: Double(layout.threads) * cost.threadBytes),
            Plan.Memory(
                what: "gradients (\(micro.statisticsAtATime) at a time)",
                bytes: Double(micro.statisticsAtATime * cost.statistics.bytes)),
            Plan.Memory(
                what: "counts of cells (\(layout.statisticsAtATime) at a time)",
                bytes: Double(layout.statisticsAtATime * cost.measurement.bytes)),
            Plan.Memory(
                what: "exchange buffers",
                bytes: micro.exchangeBuffers(cost.statistics) + layout.exchangeBuffers(cost.measurement)),
        ].filter { $0.bytes > 0 }
    }

    /// Memory of the rank that needs most.
    func peakBytes(_ layout: RankLayout) -> Double { memory(layout).reduce(0) { $0 + $1.bytes } }
}
