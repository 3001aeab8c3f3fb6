import Datasets
import Foundation
import ImageMetrics
import Messaging
import Neural
import Numerics
import Training

/// The training of one model as map, ordered reduction, update: a shard is a micro-batch of crops.
///
///     let descent = NVTCDescent(model, settings, lambda: 256, from: .newWeights, images: photos, threads: 1)
///     _ = try loop.run(descent, shards: descent.microBatches) // on any number of ranks
///     descent.step                                            // steps done
///
/// A step: every micro-batch runs forward and backward in the phase of that step; gradients and the number of times
/// each codeword was chosen are summed in order, the gradients while the backward pass still runs; Adam steps; in the
/// initialization, codewords that were hardly chosen are drawn anew every so many steps.
///
/// Source: NVTC paper, Eq. 4 and Algorithm 1.
package final class NVTCDescent: ResumableMethod {
    /// The model that is trained.
    package let model: NVTCModel
    /// Steps done.
    package var step: Int { steps.taken }
    let settings: NVTCSettings
    let lambda: Double
    /// What the model held at first.
    let start: NVTCSettings.Start
    var adam: Adam { steps.adam }
    private let steps: DescentSteps
    private let fields: Fields
    /// Usage since the last reinitialization.
    private let usage: CodewordUsage
    /// What the next row of metrics reports.
    private let window: MetricsWindow

    private let crops: CropPrefetch
    private let threads: Int
    private var replicas: [NVTCPass]
    private let spare: [AlignedBuffer<Float>]

    /// - Parameters:
    ///   - start: what the model holds: whether its codebooks are initialized here.
    ///   - images: those that crops are cut from.
    ///   - threads: of this rank.
    package init(
        _ model: NVTCModel, _ settings: NVTCSettings, lambda: Double, from start: NVTCSettings.Start,
        images: any ImageCollection,
        threads: Int
    ) {
        self.model = model
        self.settings = settings
        self.lambda = lambda
        self.start = start
        self.threads = threads
        let count = settings.steps(from: start)
        let sampler = CropSampler(
            images: images, size: settings.crop, seed: settings.seed,
            stream: settings.lambdas.firstIndex(of: lambda) ?? 0)
        crops = CropPrefetch(
            sampler, ahead: settings.training.batch, end: count * settings.training.batch,
            isOn: settings.prefetching ?? CropPrefetch.hasSpareCore(threads: threads))
        usage = CodewordUsage(model.architecture)
        var layout = StatisticsLayout(finishesRows: true)
        steps = DescentSteps(
            parameters: model.parameters, count: count, schedule: settings.schedule,
            clipping: settings.training.clipping, in: &layout)
        fields = Fields(usage, in: &layout)
        self.layout = layout
        window = MetricsWindow(model.architecture, layout)
        replicas = []
        spare = (0..<(settings.training.microBatch > 1 ? threads : 0)).map { _ in
            AlignedBuffer(count: model.parameters.count)
        }
        replicas = makeReplicas()
    }

    /// What a step sums up beside gradients and objective.
    private struct Fields {
        let squaredError: SumField
        /// Of every layer in the order of decoding: bits that are paid, and squared distances.
        let paid: SumsField
        let distance: SumsField
        /// How often each codeword was chosen.
        let counts: RowsField

        init(_ usage: CodewordUsage, in layout: inout StatisticsLayout) {
            squaredError = layout.addSum()
            paid = layout.addSums(usage.layers)
            distance = layout.addSums(usage.layers)
            counts = layout.addRows(
                ParameterSet.rows(before: usage.counts.count), columns: ParameterSet.rowLength)
        }
    }

    package let layout: StatisticsLayout

    /// Micro-batches of a step: the shards of the training loop.
    package var microBatches: Int { settings.training.batch / settings.training.microBatch }
    /// What is on in the next step.
    var currentPhase: NVTCPhase { settings.phase(step: step, from: start) }

    package var phase: String {
        let current = currentPhase
        if current.conditional { return "training step" }
        return "initialization of \(current.quantized.count { $0[0] }) of \(current.quantized.count) stages"
    }
    package var isFinished: Bool { steps.isFinished }

    /// Makes what steps need again after `releaseMemory`.
    func takeMemory() {
        if replicas.isEmpty, !isFinished { replicas = makeReplicas() }
    }

    /// Lets go of what only steps need, most of the memory, until `takeMemory`: a validation needs it in between.
    func releaseMemory() {
        replicas = []
        FreedMemory.giveBack()
    }

    package var progress: Double { steps.progress }
    package var restored: Double { steps.restoredProgress }

    // MARK: Map

    package func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let pass = replicas[worker]
        let (batch, size) = (settings.training.batch, settings.training.microBatch)
        statistics.claimAllRows()
        let counts = statistics.row(fields.counts)
        counts.update(repeating: 0, count: fields.counts.count * ParameterSet.rowLength)
        for image in 0..<size {
            try crops.fill(pass, item: step * batch + shard * size + image)
            pass.tape.forward()
            add(pass, to: statistics, counts)
            let isLast = image == size - 1
            if isLast { statistics.finish(rowsFrom: fields.counts.rows.lowerBound) }
            if image == 0 {
                steps.runBackward(pass.tape, into: statistics, isLast: isLast)
            } else {
                pass.tape.backward(into: spare[worker].pointer) { _ in }
                steps.add(spare[worker], to: statistics)
            }
        }
    }

    /// Adds what one image's forward pass measured.
    private func add(_ pass: NVTCPass, to statistics: Statistics, _ counts: UnsafeMutablePointer<Float>) {
        steps.addObjective(of: pass.tape, to: statistics)
        statistics[fields.squaredError] += pass.distortion.value
        let (paid, distance) = (statistics[fields.paid], statistics[fields.distance])
        for (number, (stage, layer)) in model.architecture.decodingOrder.enumerated() {
            guard let use = pass.layers.first(where: { $0.stage == stage && $0.layer == layer }) else { continue }
            paid[number] += use.bits
            distance[number] += use.terms.distance.value
            let (positions, codewords) = (use.operation.quantizer.positions, use.operation.quantizer.codewords)
            let own = counts + usage.offset(layer: number)
            let indices = use.operation.indices.pointer
            for row in 0..<use.operation.indices.count {
                own[row % positions &* codewords &+ Int(indices[row])] += 1
            }
        }
    }

    // MARK: Update

    package func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let before = currentPhase
        let taken = try steps.take(total, team: team, failure: notFinite)
        count(total)
        if start == .newWeights, settings.initialization.kind == .progressive, step <= settings.initialization.steps,
            step % settings.initialization.interval == 0
        {
            window.revived += ProgressiveInitialization.revive(
                model, adam, usage, before, settings.initialization, seed: settings.seed, step: step)
            usage.reset()
        }
        if !isFinished, currentPhase != before {
            usage.reset()
            rebuild()
        }
        return step % settings.training.logInterval == 0 || isFinished ? row(taken.rate, before, taken.norm) : nil
    }

    private func count(_ total: Statistics) {
        window.add(total)
        let counts = total.row(fields.counts)
        for index in usage.counts.indices {
            let chosen = Double(counts[index])
            usage.counts[index] += chosen
            window.usage.counts[index] += chosen
        }
    }

    /// Passes for the phase of the current step, one for each thread.
    private func makeReplicas() -> [NVTCPass] {
        let phase = currentPhase
        return (0..<threads).map { _ in
            let pass = NVTCPass(model, height: settings.crop, width: settings.crop, phase: phase)
            pass.setObjective(
                lambda: lambda, images: settings.training.batch,
                quantizerWeight: settings.training.quantizerWeight)
            return pass
        }
    }

    /// Passes for the phase of the current step, in place of those there are.
    private func rebuild() {
        replicas = []
        replicas = makeReplicas()
    }

    // MARK: Resumption

    package func state() -> TrainingState? {
        guard step > 0 else { return nil }
        var state = TrainingState()
        steps.save(in: &state)
        state.set("usage", usage.counts)
        window.save(in: &state)
        return state
    }

    package func restore(_ state: TrainingState) throws {
        try steps.restore(state)
        usage.counts = try state.numbers("usage", count: usage.counts.count)
        try window.restore(state)
        rebuild()
    }

    // MARK: Metrics

    private func row(_ rate: Double, _ phase: NVTCPhase, _ norm: Double) -> MetricRow {
        let (steps, sums, usage) = (Double(max(1, window.steps)), window.sums, window.usage)
        let pixels = Double(settings.training.batch * settings.crop * settings.crop)
        let loss = self.steps.objective(in: sums, steps: steps)
        let bits = sums[fields.paid].map { $0 / steps / pixels }
        let bitsPerPixel = bits.reduce(0, +)
        let squaredError = sums[fields.squaredError] / steps / pixels / 3
        let distance = sums[fields.distance].reduce(0, +) / steps / pixels / 3
        var values: [String: MetricRow.Value] = [
            "kind": .text("train"), "lambda": .real(lambda), "step": .integer(step),
            "stages": .integer(phase.quantized.count { $0[0] }), "rates": .integer(phase.conditional ? 1 : 0),
            "learning-rate": .real(rate), "gradient-norm": .real(norm), "loss": .real(loss),
            "bits-per-pixel": .real(bitsPerPixel), "mean-squared-error": .real(squaredError),
            "psnr": .real(PSNR.decibels(meanSquaredError: squaredError)), "quantizer-distance": .real(distance),
            "revived": .integer(window.revived),
        ]
        for (number, at) in model.architecture.decodingOrder.enumerated() {
            func column(_ name: String) -> String { NVTCMetrics.column(name, stage: at.stage, layer: at.layer) }
            values[column("bits-per-pixel")] = .real(bits[number])
            values[column("alive")] = .real(Double(usage.alive(layer: number)) / Double(usage.total(layer: number)))
            values[column("perplexity")] = .real(usage.perplexity(layer: number))
        }
        window.reset()
        let headline = String(
            format: "step %d of %d, loss %.4f, %.3f bpp, %.2f dB", step, self.steps.count, loss, bitsPerPixel,
            PSNR.decibels(meanSquaredError: squaredError))
        return NVTCMetrics.row(model.architecture, values, headline: headline)
    }

    private func notFinite(_ what: String) -> LloydError {
        .unusable(
            key: "training.learning-rate",
            problem: "\(what) of step \(step + 1) at lambda \(compact(lambda)) is not a finite number",
            remedy: "lower it, or clip the gradient's norm (training.clipping), and continue from the last checkpoint "
                + "with --resume")
    }
}
