import Datasets
import Foundation
import Messaging
import Neural
import Numerics
import Training

/// The training of one model as map, ordered reduction, update: a shard is a micro-batch of crops.
///
///     let descent = NVTCDescent(model, settings, lambda: 256, isFirst: true, images: photos, threads: 1)
///     try loop.run(descent, shards: descent.microBatches)     // on any number of ranks
///     descent.step                                            // steps done
///
/// A step: every micro-batch runs forward and backward in the phase of that step; gradients and the number of times each
/// codeword was chosen are summed in order, the gradients while the backward pass still runs; Adam steps; in the
/// initialization, codewords that were hardly chosen are drawn anew every so many steps.
///
/// Source: NVTC paper, Eq. 4 and Algorithm 1.
public final class NVTCDescent: ResumableMethod {
    public let model: NVTCModel
    /// Steps done.
    public private(set) var step = 0
    /// Steps that a checkpoint held.
    private var restoredSteps = 0
    let settings: NVTCSettings
    let lambda: Double
    let isFirst: Bool
    let adam: Adam
    /// Usage since the last reinitialization, and steps it covers.
    private let usage: CodewordUsage
    /// Sums of what the metrics report, since the last row, and steps they cover.
    private var sums: [Double]
    private var summed = 0
    /// Usage since the last row of metrics.
    private let recent: CodewordUsage
    /// Codewords drawn anew since the last row of metrics.
    private var revived = 0

    private let steps: Int
    private let crops: CropPrefetch
    private let threads: Int
    private var replicas: [NVTCPass]
    private let spare: [AlignedBuffer<Float>]
    /// Rows of statistics that hold gradients, and the rows after them that hold counts.
    private let gradientRows: Int
    private let countRows: Int

    /// - Parameter isFirst: whether the model is initialized here; otherwise it is trained already.
    public init(
        _ model: NVTCModel, _ settings: NVTCSettings, lambda: Double, isFirst: Bool, images: any ImageCollection,
        threads: Int
    ) {
        self.model = model
        self.settings = settings
        self.lambda = lambda
        self.isFirst = isFirst
        self.threads = threads
        steps = settings.steps(isFirst: isFirst)
        let sampler = CropSampler(
            images: images, size: settings.crop, seed: settings.seed,
            stream: settings.lambdas.firstIndex(of: lambda) ?? 0)
        crops = CropPrefetch(
            sampler, ahead: settings.training.batch, end: steps * settings.training.batch,
            isOn: settings.prefetching ?? CropPrefetch.hasSpareCore(threads: threads))
        adam = Adam(parameters: model.parameters)
        usage = CodewordUsage(model.architecture)
        recent = CodewordUsage(model.architecture)
        sums = Array(repeating: 0, count: Sums.count(usage.layers))
        gradientRows = ParameterSet.rows(before: model.parameters.count)
        countRows = ParameterSet.rows(before: usage.counts.count)
        replicas = []
        spare = (0..<(settings.training.microBatch > 1 ? threads : 0)).map { _ in
            AlignedBuffer(count: model.parameters.count)
        }
        replicas = makeReplicas()
    }

    /// Places of the scalar sums of a step.
    enum Sums {
        static let objective = 0
        static let squaredError = 1
        static let perLayer = 3
        static func unconditional(_ layer: Int) -> Int { 2 + perLayer * layer }
        static func paid(_ layer: Int) -> Int { 3 + perLayer * layer }
        static func distance(_ layer: Int) -> Int { 4 + perLayer * layer }
        static func count(_ layers: Int) -> Int { 2 + perLayer * layers }
    }

    public var microBatches: Int { settings.training.batch / settings.training.microBatch }
    var currentPhase: NVTCPhase { settings.phase(step: step, isFirst: isFirst) }

    public var phase: String {
        let current = currentPhase
        if current.conditional { return "training step" }
        return "initialization of \(current.quantized.count { $0[0] }) of \(current.quantized.count) stages"
    }
    /// Whether all steps are done, or a pause is due: then `goOn` continues.
    public var isFinished: Bool { isDone || isPaused }
    var isDone: Bool { step >= steps }
    /// After which steps the loop hands back, to validate.
    var pauses: (Int) -> Bool = { _ in false }
    private var isPaused = false

    func goOn() {
        isPaused = false
        if replicas.isEmpty, !isDone { replicas = makeReplicas() }
    }

    /// Lets go of what only steps need, most of the memory, until `goOn`: validation takes its place.
    func releaseMemory() {
        replicas = []
        FreedMemory.giveBack()
    }

    public var progress: Double { Double(step) / Double(max(1, steps)) }
    public var restored: Double { Double(restoredSteps) / Double(max(1, steps)) }
    public var layout: StatisticsLayout {
        StatisticsLayout(
            rows: gradientRows + countRows, columns: ParameterSet.rowLength, sums: sums.count, finishesRows: true)
    }

    // MARK: Map

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let pass = replicas[worker]
        let (batch, size) = (settings.training.batch, settings.training.microBatch)
        statistics.claimAllRows()
        let counts = statistics.bulk + gradientRows * ParameterSet.rowLength
        counts.update(repeating: 0, count: countRows * ParameterSet.rowLength)
        for image in 0..<size {
            try crops.fill(pass, item: step * batch + shard * size + image)
            pass.tape.forward()
            add(pass, to: statistics.sums, counts)
            let isLast = image == size - 1
            if isLast { statistics.finish(rowsFrom: gradientRows) }
            if image == 0 {
                pass.tape.backward(into: statistics.bulk) { offset in
                    if isLast { statistics.finish(rowsFrom: ParameterSet.rows(before: offset)) }
                }
            } else {
                pass.tape.backward(into: spare[worker].pointer) { _ in }
                addScaled(spare[worker].pointer, factor: 1, to: statistics.bulk, count: model.parameters.count)
            }
        }
    }

    /// Adds what one image's forward pass measured.
    private func add(
        _ pass: NVTCPass, to sums: UnsafeMutableBufferPointer<Double>, _ counts: UnsafeMutablePointer<Float>
    ) {
        sums[Sums.objective] += pass.tape.objective
        sums[Sums.squaredError] += pass.distortion.value
        for (place, (stage, layer)) in model.architecture.decodingOrder.enumerated() {
            guard let use = pass.layers.first(where: { $0.stage == stage && $0.layer == layer }) else { continue }
            sums[Sums.unconditional(place)] += use.terms.unconditional.value
            sums[Sums.paid(place)] += use.bits
            sums[Sums.distance(place)] += use.terms.distance.value
            let (positions, codewords) = (use.operation.quantizer.positions, use.operation.quantizer.codewords)
            let own = counts + usage.offset(layer: place)
            let indices = use.operation.indices.pointer
            for row in 0..<use.operation.indices.count {
                own[row % positions &* codewords &+ Int(indices[row])] += 1
            }
        }
    }

    // MARK: Update

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        guard total.sums[Sums.objective].isFinite else { throw notFinite("the objective") }
        // Also without clipping: a gradient that is not finite must not reach the parameters.
        let norm = adam.norm(total.bulk)
        guard norm.isFinite else { throw notFinite("the gradient") }
        let scale = settings.training.clipping.map { norm > $0 ? $0 / norm : 1 } ?? 1
        let rate = settings.schedule.rate(step: step, of: steps)
        let before = currentPhase
        try adam.step(total.bulk, rate: rate, scale: scale, team: team)
        step += 1

        count(total)
        if isFirst, settings.initialization.kind == .progressive, step <= settings.initialization.steps,
            step % settings.initialization.interval == 0
        {
            revived += ProgressiveInitialization.revive(
                model, adam, usage, before, settings.initialization, seed: settings.seed, step: step)
            usage.reset()
        }
        isPaused = pauses(step)
        if !isDone, currentPhase != before {
            usage.reset()
            rebuild()
        }
        return step % settings.training.logInterval == 0 || isDone ? row(rate, before, norm) : nil
    }

    private func count(_ total: Statistics) {
        for place in sums.indices { sums[place] += total.sums[place] }
        summed += 1
        let counts = total.bulk + gradientRows * ParameterSet.rowLength
        for place in usage.counts.indices {
            let chosen = Double(counts[place])
            usage.counts[place] += chosen
            recent.counts[place] += chosen
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

    // MARK: Going on elsewhere

    public func state() -> TrainingState? {
        guard step > 0 else { return nil }
        var state = TrainingState()
        state.set("step", step)
        state.set("parameters", model.parameters.values)
        state.set("adam.means", adam.state.means)
        state.set("adam.squares", adam.state.squares)
        state.set("usage", usage.counts)
        state.set("usage.recent", recent.counts)
        state.set("sums", sums + [Double(summed), Double(revived)])
        return state
    }

    /// A validation that was due after the last step is due again: its row of metrics came after the checkpoint.
    public func restore(_ state: TrainingState) throws {
        try state.fill(model.parameters.values, "parameters")
        try state.fill(adam.state.means, "adam.means")
        try state.fill(adam.state.squares, "adam.squares")
        usage.counts = try state.numbers("usage", count: usage.counts.count)
        recent.counts = try state.numbers("usage.recent", count: recent.counts.count)
        let kept = try state.numbers("sums", count: sums.count + 2)
        sums = Array(kept.dropLast(2))
        (summed, revived) = (Int(kept[kept.count - 2]), Int(kept[kept.count - 1]))
        step = try state.integer("step")
        restoredSteps = step
        adam.resume(steps: step)
        isPaused = pauses(step)
        rebuild()
    }

    // MARK: Metrics

    private func row(_ rate: Double, _ phase: NVTCPhase, _ norm: Double) -> MetricRow {
        let steps = Double(max(1, summed))
        let pixels = Double(settings.training.batch * settings.crop * settings.crop)
        let loss = sums[Sums.objective] / steps
        let layers = 0..<usage.layers
        let bits = layers.map { sums[Sums.paid($0)] / steps / pixels }
        let bitsPerPixel = bits.reduce(0, +)
        let squaredError = sums[Sums.squaredError] / steps / pixels / 3
        let distance = layers.reduce(0) { $0 + sums[Sums.distance($1)] } / steps / pixels / 3
        var values: [String: MetricRow.Value] = [
            "kind": .text("train"), "lambda": .real(lambda), "step": .integer(step),
            "stages": .integer(phase.quantized.count { $0[0] }), "rates": .integer(phase.conditional ? 1 : 0),
            "learning-rate": .real(rate), "gradient-norm": .real(norm), "loss": .real(loss),
            "bits-per-pixel": .real(bitsPerPixel), "mean-squared-error": .real(squaredError),
            "psnr": .real(-10 * log10(squaredError)), "quantizer-distance": .real(distance),
            "revived": .integer(revived),
        ]
        for (place, at) in model.architecture.decodingOrder.enumerated() {
            func column(_ name: String) -> String { NVTCMetrics.column(name, stage: at.stage, layer: at.layer) }
            values[column("bits-per-pixel")] = .real(bits[place])
            values[column("alive")] = .real(Double(recent.alive(layer: place)) / Double(recent.total(layer: place)))
            values[column("perplexity")] = .real(recent.perplexity(layer: place))
        }
        for place in sums.indices { sums[place] = 0 }
        summed = 0
        revived = 0
        recent.reset()
        let headline = String(
            format: "step %d of %d, loss %.4f, %.3f bpp, %.2f dB", step, self.steps, loss, bitsPerPixel,
            -10 * log10(squaredError))
        return NVTCMetrics.row(model.architecture, values, headline: headline)
    }

    private func notFinite(_ what: String) -> TrainingError {
        .unusable(
            key: "training.learning-rate",
            problem: "\(what) of step \(step + 1) at lambda \(compact(lambda)) is not a finite number",
            remedy: "lower it, or cut the gradient's norm (training.clipping), and go on from the last checkpoint with "
                + "--resume")
    }
}
