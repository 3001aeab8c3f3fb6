import Numerics
import Stepping

/// What one thread needs to compute gradients: a tape of its own, and how to fill its inputs.
///
///     final class Replica: GradientReplica {
///         let tape: Tape
///         let x: Value
///         init(_ tape: Tape, _ x: Value) { (self.tape, self.x) = (tape, x) }
///         func load(step: Int, microBatch: Int) {
///             let random = CounterRandom(seed: 1, purpose: .test, step: step)
///             for i in 0..<x.count { x.data[i] = Float(random.uniform(item: microBatch * x.count + i)) }
///         }
///     }
public protocol GradientReplica: AnyObject {
    /// The model with its objective, recorded for one micro-batch.
    var tape: Tape { get }
    /// Fills the tape's inputs, and sets the weights of its terms, for one micro-batch of one step. Draws by counter, so
    /// that the micro-batch is the same on every rank and thread.
    /// - Throws: what reading data throws; it ends the training.
    func load(step: Int, microBatch: Int) throws
}

/// Gradient descent with Adam as map, ordered reduction, update: a shard is a micro-batch.
///
///     let descent = GradientDescent(parameters: parameters, settings: settings, replicas: replicas)
///     _ = try loop.run(descent, shards: settings.microBatches)    // on any number of ranks
///     let means = descent.means                               // of each term over the last stretch of steps
///
/// Gradients are sums over micro-batches, added in the order of the micro-batches: the same bytes for any number of ranks
/// and threads. Their reduction begins at the model's end while the backward pass still runs toward its start.
public final class GradientDescent: ResumableMethod {
    /// What a descent is asked for.
    public struct Settings: Sendable {
        /// How many steps are taken.
        public var steps: Int
        /// Micro-batches of a step, at least 1, whose gradients are added in order; part of the result.
        public var microBatches: Int
        /// The learning rate of each step.
        public var schedule: LearningRateSchedule
        /// Of the optimizer.
        public var adam = Adam.Settings()
        /// The norm of the gradient of clipped parameters is cut to this; nil for no clipping.
        public var clipping: Double?
        /// Steps between rows of metrics, at least 1.
        public var interval = 500
        /// Decay of the running mean of the parameters, in 0 ..< 1; nil for no mean.
        public var averaging: Double?

        /// Settings without clipping or averaging.
        public init(steps: Int, microBatches: Int, schedule: LearningRateSchedule) {
            self.steps = steps
            self.microBatches = microBatches
            self.schedule = schedule
        }
    }

    /// Steps taken.
    public var step: Int { steps.taken }
    /// Mean of each term's sum over a step, by name, since the last row of metrics.
    public private(set) var means: [String: Double] = [:]
    /// Makes the rows of metrics; by default the step, the learning rate and every term's mean.
    public var makeRow: ((_ descent: GradientDescent, _ rate: Double) -> MetricRow)?

    private let parameters: ParameterSet
    private let settings: Settings
    private let replicas: [any GradientReplica]
    private let steps: DescentSteps
    private let names: [String]
    /// The value of every term.
    private let terms: SumsField
    public let layout: StatisticsLayout
    private var sums: [Double]
    private var summed = 0
    private let averaging: Averaging?

    /// A running mean of the parameters.
    private struct Averaging {
        let decay: Double
        let mean: AlignedBuffer<Float>
    }

    /// A descent that has taken no step; the parameters must be initialized.
    /// - Parameter replicas: one for each thread of the team, with the same terms in the same order.
    public init(parameters: ParameterSet, settings: Settings, replicas: [any GradientReplica]) {
        precondition(!replicas.isEmpty && settings.microBatches >= 1)
        self.parameters = parameters
        self.settings = settings
        self.replicas = replicas
        names = replicas[0].tape.terms.map(\.name)
        sums = Array(repeating: 0, count: names.count)
        var layout = StatisticsLayout(finishesRows: true)
        steps = DescentSteps(
            parameters: parameters, adam: settings.adam, count: settings.steps, schedule: settings.schedule,
            clipping: settings.clipping, in: &layout)
        terms = layout.addSums(names.count)
        self.layout = layout
        averaging = settings.averaging.map { decay in
            let mean = AlignedBuffer<Float>(count: parameters.count)
            mean.pointer.update(from: parameters.values.pointer, count: parameters.count)
            return Averaging(decay: decay, mean: mean)
        }
    }

    public var phase: String { "gradient step" }
    public var isFinished: Bool { steps.isFinished }
    public var progress: Double { steps.progress }
    public var restored: Double { steps.restoredProgress }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let replica = replicas[worker]
        try replica.load(step: step, microBatch: shard)
        let tape = replica.tape
        tape.forward()
        let values = statistics[terms]
        for (index, term) in tape.terms.enumerated() { values[index] += term.value }
        steps.addObjective(of: tape, to: statistics)
        statistics.claimAllRows()
        steps.runBackward(tape, into: statistics)
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let taken = try steps.take(total, team: team) { what in
            .notFinite(what: "\(what) of step \(step + 1)", phase: phase)
        }
        if let averaging { follow(averaging) }
        let values = total[terms]
        for index in sums.indices { sums[index] += values[index] }
        summed += 1
        guard step % settings.interval == 0 || isFinished else { return nil }
        for (index, name) in names.enumerated() {
            means[name] = sums[index] / Double(summed)
            sums[index] = 0
        }
        summed = 0
        return row(taken.rate)
    }

    // MARK: Resumption

    public func state() -> TrainingState? {
        guard step > 0 else { return nil }
        var state = TrainingState()
        steps.save(in: &state)
        state.set("sums", sums + [Double(summed)])
        state.set("means", names.map { means[$0] ?? 0 })
        if let averaging { state.set("average", averaging.mean) }
        return state
    }

    public func restore(_ state: TrainingState) throws {
        try steps.restore(state)
        if let averaging { try state.fill(averaging.mean, "average") }
        let kept = try state.numbers("sums", count: sums.count + 1)
        (sums, summed) = (Array(kept.dropLast()), Int(kept[sums.count]))
        for (name, mean) in zip(names, try state.numbers("means", count: names.count)) { means[name] = mean }
    }

    /// Replaces the parameters by their running mean; does nothing if the settings ask for none.
    public func useAverage() {
        guard let averaging else { return }
        parameters.values.pointer.update(from: averaging.mean.pointer, count: parameters.count)
    }

    private func follow(_ averaging: Averaging) {
        // The mean of few steps at first, so that the start is forgotten.
        let decay = min(averaging.decay, Double(step) / Double(step + 10))
        let (target, source) = (averaging.mean.pointer, parameters.values.pointer)
        let factor = Lanes(repeating: Float(1 - decay))
        for index in stride(from: 0, to: parameters.count, by: Lanes.scalarCount) {
            let mean = load(target + index)
            store(multiplyAdd(load(source + index) - mean, factor, plus: mean), to: target + index)
        }
    }

    private func row(_ rate: Double) -> MetricRow {
        if let makeRow { return makeRow(self, rate) }
        let fields: [(String, MetricRow.Value)] =
            [("step", .integer(step)), ("learning-rate", .real(rate))] + names.map { ($0, .real(means[$0] ?? .nan)) }
        return MetricRow(fields, headline: "step \(step) of \(settings.steps)")
    }
}
