import Datasets
import Foundation
import MethodKit
import Neural
import Numerics
import Training

/// What a training step of NVTC takes on one core of this machine: operations and memory from passes that are recorded
/// without memory, seconds from doing some.
///
///     let cost = try NVTCStepCost(settings: settings, images: photos, validation: kodak)
///     cost.full.forward + cost.full.backward                  // operations of one crop with everything on
///     (cost.cropSeconds, cost.updateSeconds)                  // of the last phase, which is measured
///     cost.tape.total                                         // bytes of a thread's pass, the most of any phase
struct NVTCStepCost {
    /// Steps in which the same things are switched on.
    struct Phase {
        /// What plans call it.
        var name: String
        /// How many there are, over all lambdas.
        var steps: Int
        /// Floating-point operations of the products of one crop, forward and backward. Convolutions count as if they
        /// were computed directly; Winograd's way takes a quarter.
        var work: OperationWork
    }

    /// Of all lambdas together, in the order of training; the last is the one with everything on.
    let phases: [Phase]
    /// Operations of one crop with everything on.
    let full: OperationWork
    /// What the pass of a crop keeps, the most of any phase.
    let tape: Tape.Memory
    /// What the pass of the validation image that needs most keeps.
    let validationTape: Tape.Memory?
    /// Pixels of the largest validation image.
    let largestValidation: Int
    /// Pixels of all validation images together.
    let validationPixels: Int
    /// Pixels of the largest training image.
    let largestImage: Int
    /// Validations of the whole run.
    let validations: Int
    /// Floats of the model, padding included.
    let parameters: Int
    /// What ranks add in a step.
    let statistics: StatisticsLayout
    /// What ranks add in a validation.
    let measurement: StatisticsLayout
    /// Forward and backward of one crop with everything on, reading its image included.
    let cropSeconds: Double
    /// Forward alone.
    let forwardSeconds: Double
    /// Adam's step, which every rank does.
    let updateSeconds: Double

    /// - Parameter limit: seconds of measuring.
    /// - Throws: `LloydError.unusable` for a model that does not fit into this machine's memory, `LloydError` for
    ///   images that cannot be read.
    init(
        settings: NVTCSettings, images: any ImageCollection, validation: any ImageCollection, limit: Double = 2
    ) throws {
        let model = NVTCModel(withoutValues: settings.architecture)
        parameters = model.parameters.count
        let counted = Self.phases(settings)
        let tapes = counted.map { phase, _ in
            NVTCPass(model, height: settings.crop, width: settings.crop, phase: phase, isAllocated: false).tape
        }
        phases = zip(counted, tapes).map { Phase(name: Self.name($0.0), steps: $0.1, work: $1.work) }
        guard let full = phases.last, let most = tapes.map(\.memory).max(by: { $0.total < $1.total }) else {
            preconditionFailure("the phase with everything on is always there")
        }
        (self.full, tape) = (full.work, most)
        let sizes = (0..<validation.count).map { validation.size($0) }
        validationPixels = sizes.reduce(0) { $0 + $1.height * $1.width }
        validationTape = Set(sizes.map { [$0.height, $0.width] }).map { size in
            NVTCPass(
                model, height: size[0], width: size[1], phase: .full(settings.architecture), isTraining: false,
                isAllocated: false
            ).tape.memory
        }.max { $0.total < $1.total }
        largestValidation = sizes.map { $0.height * $0.width }.max() ?? 0
        largestImage = (0..<images.count).map { images.size($0).height * images.size($0).width }.max() ?? 0
        validations = settings.lambdas.indices.reduce(0) { total, index in
            let (steps, interval) = (settings.steps(from: settings.start(index)), settings.training.validationInterval)
            return total + 1 + (interval > 0 ? max(0, steps - 1) / interval : 0)
        }
        try MemoryBudget.require(
            bytes: MemoryBudget.product(16, model.parameters.count).map { $0 + most.total }, key: "model.widths",
            what: "a training step of this model")
        model.parameters.initialize(seed: settings.seed)

        // Everything is on in a training that starts from another model.
        // Crops are decoded within the step, as if no core were left to do it ahead.
        var settings = settings
        settings.prefetching = false
        let descent = NVTCDescent(
            model, settings, lambda: settings.lambdas[0], from: .trainedModel, images: images, threads: 1)
        statistics = descent.layout
        measurement =
            NVTCValidation(
                model, lambda: settings.lambdas[0], rateConstrained: settings.training.rateConstrained,
                images: validation
            ).layout
        let (total, team, clock) = (Statistics(layout: descent.layout), Team(threads: 1), ContinuousClock())
        let start = clock.now
        var (map, update) = (Double.infinity, Double.infinity)
        // Other programs only ever make a step slower; the first warms up.
        var step = 0
        while step < 3 || (clock.now - start).seconds < limit {
            total.reset(layout: descent.layout)
            let first = clock.now
            try descent.map(shard: 0, worker: 0, into: total)
            let second = clock.now
            _ = try descent.update(total, team: team)
            if step > 0 {
                (map, update) = (min(map, (second - first).seconds), min(update, (clock.now - second).seconds))
            }
            step += 1
        }
        cropSeconds = map / Double(settings.training.microBatch)
        updateSeconds = update
        // Both directions run at about the same rate.
        forwardSeconds = cropSeconds * full.work.forward / (full.work.forward + full.work.backward)
    }

    /// What is switched on, and for how many steps, over all lambdas.
    private static func phases(_ settings: NVTCSettings) -> [(NVTCPhase, Int)] {
        var result: [(NVTCPhase, Int)] = []
        func add(_ phase: NVTCPhase, _ steps: Int) {
            guard steps > 0 else { return }
            if let last = result.last, last.0 == phase {
                result[result.count - 1].1 += steps
            } else {
                result.append((phase, steps))
            }
        }
        for index in settings.lambdas.indices {
            let start = settings.start(index)
            let steps = settings.steps(from: start)
            let bounds = Set([0, settings.initialization.steps, steps] + settings.initialization.starts).sorted()
            for (low, high) in zip(bounds, bounds.dropFirst()) where high <= steps {
                add(settings.phase(step: low, from: start), high - low)
            }
        }
        // The phase that is measured comes last, even if the run is too short to reach it.
        let full = settings.phase(step: 0, from: .trainedModel)
        if result.last?.0 != full { result.append((full, 0)) }
        return result
    }

    private static func name(_ phase: NVTCPhase) -> String {
        phase.conditional
            ? "training steps"
            : "initialization of \(phase.quantized.count { $0[0] }) of \(phase.quantized.count) stages"
    }
}
