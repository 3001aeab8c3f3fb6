import Foundation
import MethodKit
import Training

/// Plans an NVTC run: steps of every phase, validations, and the memory of both.
///
///     let planner = try NVTCPlanner(config: config, baseBytes: 3e7)
///     let plan = planner.plan(layout)
///     let steps = plan.phases.first { $0.name == "training steps" }
struct NVTCPlanner: Planner {
    let rates: MachineRates
    private let settings: NVTCSettings
    private let cost: NVTCStepCost
    private let baseBytes: Double
    private let validationCount: Int

    /// - Parameter baseBytes: memory of the program itself.
    /// - Throws: `ConfigError` for keys that do not fit together, `LloydError` for images that cannot be used.
    init(config: Config, baseBytes: Double) throws {
        settings = try NVTCSettings(config)
        let files = ProcessMemory.fileBytes
        let opening = DataOpening(search: DamagedImageSearch(headersOnly: true))
        let validation = try NVTCImages.validation(config, opening).images
        validationCount = validation.count
        cost = try NVTCStepCost(
            settings: settings, images: try NVTCImages.training(config, opening).images, validation: validation)
        // Steps were done to be timed, and have touched the libraries that steps need.
        self.baseBytes = baseBytes + Double(max(0, ProcessMemory.fileBytes - files))
        rates = MachineRates.measure(limit: 0.1)
    }

    var mostRanks: Int? { microBatches }

    /// Micro-batches of a step: more ranks would have nothing to do.
    private var microBatches: Int { settings.training.batch / settings.training.microBatch }

    /// How ranks share pieces of work other than the shards.
    private func layout(_ layout: RankLayout, pieces: Int) -> RankLayout? {
        try? RankLayout(
            ranks: layout.ranks, threads: layout.threads, machines: layout.machines, shards: pieces,
            cores: layout.cores, network: layout.network)
    }

    /// How ranks share validation images: some may have none.
    private func measuringLayout(_ layout: RankLayout) -> RankLayout? {
        self.layout(layout, pieces: max(validationCount, layout.ranks))
    }

    var words: PlanWords {
        let crops = cost.phases.reduce(0) { $0 + $1.steps } * settings.training.batch
        return PlanWords(
            heading: "\(crops) crops to train on, \(Config.count(validationCount, "image")) to measure",
            shares: "micro-batches", smaller: "smaller crops (data.crop) or narrower stages (model.widths)")
    }

    func plan(_ layout: RankLayout) -> Plan {
        let batch = settings.training.batch
        let steps = cost.phases.reduce(0) { $0 + $1.steps }
        var plan = Plan(
            method: NVTCMethod.name, ranks: layout.ranks, threads: layout.threads, machines: layout.machines,
            shards: microBatches, trainCount: steps * batch, testCount: validationCount,
            dimension: 3 * settings.crop * settings.crop)
        guard let micro = self.layout(layout, pieces: microBatches), let measuring = measuringLayout(layout) else {
            return plan
        }
        let full = cost.full
        let exchange = micro.exchange(cost.statistics, memoryRate: rates.memory)
        for phase in cost.phases where phase.steps > 0 {
            let share = (phase.work.forward + phase.work.backward) / (full.forward + full.backward)
            let seconds =
                micro.share * Double(batch) * cost.cropSeconds * share + cost.updateSeconds * layout.slowdown
            plan.add(
                phase.name, steps: phase.steps,
                StepCost(
                    operations: Double(batch) * (phase.work.forward + phase.work.backward), seconds: seconds)
                    + exchange)
        }
        let crops = Double(cost.validationPixels) / Double(settings.crop * settings.crop)
        plan.add(
            "validation", steps: cost.validations,
            StepCost(operations: crops * full.forward, seconds: measuring.share * crops * cost.forwardSeconds)
                + measuring.exchange(cost.measurement, memoryRate: rates.memory))
        plan.memory = memory(layout)
        plan.measuringMemory = measuringMemory(layout)
        plan.assumptions = assumptions(full.forward, full.backward)
        return plan
    }

    private func assumptions(_ forward: Double, _ backward: Double) -> [String] {
        func giga(_ operations: Double) -> String { String(format: "%.4g", operations / 1e9) }
        return [
            "Steps: forward and backward of one micro-batch with everything on, its images read, and one update, "
                + "measured on a core of this machine now; every rank's machine is assumed to be like it. Other phases "
                + "take the share that their operations have. The exchange is added in full, although most of it runs "
                + "during the backward pass.",
            "Operations: products only, 3x3 convolutions as if computed directly: \(giga(forward)) GFLOP for a "
                + "\(settings.crop)x\(settings.crop) crop forward, \(giga(forward + backward)) forward and backward.",
            "Memory: what the passes would allocate, and two copies of the largest image.",
        ]
    }

    // MARK: Memory

    private func shared(_ layout: RankLayout) -> [Plan.Memory] {
        guard let micro = self.layout(layout, pieces: microBatches), let measuring = measuringLayout(layout) else {
            return []
        }
        return [
            Plan.Memory(what: "program and MPI", bytes: baseBytes),
            Plan.Memory(what: "parameters and Adam's two moments", bytes: 12 * Double(cost.parameters)),
            Plan.Memory(what: "their copy while a checkpoint is written", bytes: 12 * Double(cost.parameters)),
            Plan.Memory(
                what: "gradients (\(micro.statisticsAtATime) at a time)",
                bytes: Double(micro.statisticsAtATime * cost.statistics.bytes)),
            Plan.Memory(
                what: "exchange buffers",
                bytes: micro.exchangeBuffers(cost.statistics) + measuring.exchangeBuffers(cost.measurement)),
        ].filter { $0.bytes > 0 }
    }

    /// Of the rank that needs most, in training.
    private func memory(_ layout: RankLayout) -> [Plan.Memory] {
        let threads = Double(layout.threads)
        let micro = Double(self.layout(layout, pieces: microBatches)?.mostShards ?? 0)
        let spare = settings.training.microBatch > 1 ? 4 * threads * Double(cost.parameters) : 0
        return
            (shared(layout) + [
                Plan.Memory(what: "passes: values", bytes: threads * Double(cost.tape.values)),
                Plan.Memory(what: "passes: kept for the backward pass", bytes: threads * Double(cost.tape.kept)),
                Plan.Memory(what: "passes: gradients of values", bytes: threads * Double(cost.tape.gradients)),
                Plan.Memory(what: "passes: work", bytes: threads * Double(cost.tape.scratch)),
                Plan.Memory(what: "gradients of further crops", bytes: spare),
                Plan.Memory(what: "images", bytes: threads * 2 * 12 * Double(cost.largestImage)),
                Plan.Memory(
                    what: "crops of the next step",
                    bytes: settings.prefetching == false
                        ? 0 : micro * Double(settings.training.microBatch * 12 * settings.crop * settings.crop)),
            ]).filter { $0.bytes > 0 }
    }

    /// The same while a model is measured: what only steps need is given back.
    private func measuringMemory(_ layout: RankLayout) -> [Plan.Memory] {
        let threads = Double(min(layout.threads, measuringLayout(layout)?.mostShards ?? 1))
        return shared(layout) + [
            Plan.Memory(what: "passes of the largest image", bytes: threads * Double(cost.validationTape?.total ?? 0)),
            Plan.Memory(what: "images", bytes: threads * 5 * 12 * Double(cost.largestValidation)),
        ]
    }

    /// Memory of the rank that needs most.
    func peakBytes(_ layout: RankLayout) -> Double {
        max(Plan.sum(memory(layout)), Plan.sum(measuringMemory(layout)))
    }
}
