import Numerics
import Stepping

/// What one thread needs to compute gradients: a tape of its own, and how to fill its inputs.
///
///     final class Replica: GradientReplica {
///         let tape: Tape
///         func load(step: Int, microBatch: Int) { /* fill inputs by counter */ }
///     }
public protocol GradientReplica: AnyObject {
    var tape: Tape { get }
    /// Fills the tape's inputs, and sets the weights of its terms, for one micro-batch of one step. Draws by counter, so
    /// that the micro-batch is the same whoever computes it.
    func load(step: Int, microBatch: Int) throws
}

/// Gradient descent with Adam as map, ordered reduction, update: a shard is a micro-batch.
///
///     let descent = GradientDescent(parameters: parameters, settings: settings, replicas: replicas)
///     try loop.run(descent, shards: settings.microBatches)    // on any number of ranks
///     descent.means                                           // each term, mean over the last stretch of steps
///
/// Gradients are sums over micro-batches, added in the order of the micro-batches: the same bytes for any number of ranks
/// and threads. Their reduction begins at the model's end while the backward pass still runs towards its start.
public final class GradientDescent: ResumableMethod {
    public struct Settings: Sendable {
        public var steps: Int
        /// Micro-batches of a step, whose gradients are added in order.
        public var microBatches: Int
        public var schedule: LearningRateSchedule
        public var adam = Adam.Settings()
        /// The norm of the gradient of clipped parameters is cut to this; nil for no clipping.
        public var clipping: Double?
        /// Steps between rows of metrics.
        public var interval = 500
        /// Decay of the running mean of the parameters, or nil for none.
        public var averaging: Double?

        public init(steps: Int, microBatches: Int, schedule: LearningRateSchedule) {
            self.steps = steps
            self.microBatches = microBatches
            self.schedule = schedule
        }
    }

    /// Steps done.
    public private(set) var step = 0
    /// Mean of each term's sum over a step, by name, since the last row of metrics.
    public private(set) var means: [String: Double] = [:]
    /// Makes the rows of metrics; by default the step, the learning rate and every term's mean.
    public var makeRow: ((_ descent: GradientDescent, _ rate: Double) -> MetricRow)?

    private let parameters: ParameterSet
    private let settings: Settings
    private let replicas: [any GradientReplica]
    private let adam: Adam
    private let names: [String]
    private var sums: [Double]
    private var summed = 0
    private var average: AlignedBuffer<Float>?
    /// Steps that an earlier process did.
    private var restoredSteps = 0

    /// - Parameter replicas: one for each thread of the team, with the same terms in the same order.
    public init(parameters: ParameterSet, settings: Settings, replicas: [any GradientReplica]) {
        precondition(!replicas.isEmpty && settings.microBatches >= 1)
        self.parameters = parameters
        self.settings = settings
        self.replicas = replicas
        adam = Adam(parameters: parameters, settings: settings.adam)
        names = replicas[0].tape.terms.map(\.name)
        sums = Array(repeating: 0, count: names.count)
        if settings.averaging != nil {
            average = AlignedBuffer(count: parameters.count)
            average!.pointer.update(from: parameters.values.pointer, count: parameters.count)
        }
    }

    public var phase: String { "gradient step" }
    public var isFinished: Bool { step >= settings.steps }
    public var progress: Double { Double(step) / Double(max(1, settings.steps)) }
    public var restored: Double { Double(restoredSteps) / Double(max(1, settings.steps)) }
    public var layout: StatisticsLayout {
        StatisticsLayout(
            rows: parameters.count / ParameterSet.rowLength, columns: ParameterSet.rowLength, sums: names.count + 1,
            finishesRows: true)
    }

    public func map(shard: Int, worker: Int, into statistics: Statistics) throws {
        let replica = replicas[worker]
        try replica.load(step: step, microBatch: shard)
        let tape = replica.tape
        tape.forward()
        for (place, term) in tape.terms.enumerated() { statistics.sums[place] += term.value }
        statistics.sums[names.count] += tape.objective
        statistics.claimAllRows()
        tape.backward(into: statistics.bulk) { offset in
            statistics.finish(rowsFrom: ParameterSet.rows(before: offset))
        }
    }

    public func update(_ total: Statistics, team: Team) throws -> MetricRow? {
        let objective = total.sums[names.count]
        guard objective.isFinite else { throw notFinite("the objective") }
        var scale = 1.0
        if let limit = settings.clipping {
            let norm = adam.norm(total.bulk)
            guard norm.isFinite else { throw notFinite("the gradient") }
            if norm > limit { scale = limit / norm }
        }
        let rate = settings.schedule.rate(step: step, of: settings.steps)
        try adam.step(total.bulk, rate: rate, scale: scale, team: team)
        step += 1
        if let average { follow(average) }
        for place in sums.indices { sums[place] += total.sums[place] }
        summed += 1
        guard step % settings.interval == 0 || isFinished else { return nil }
        for (place, name) in names.enumerated() {
            means[name] = sums[place] / Double(summed)
            sums[place] = 0
        }
        summed = 0
        return row(rate)
    }

    // MARK: Going on elsewhere

    public func state() -> TrainingState? {
        guard step > 0 else { return nil }
        var state = TrainingState()
        state.set("step", step)
        state.set("parameters", parameters.values)
        state.set("adam.means", adam.state.means)
        state.set("adam.squares", adam.state.squares)
        state.set("sums", sums + [Double(summed)])
        state.set("means", names.map { means[$0] ?? 0 })
        if let average { state.set("average", average) }
        return state
    }

    public func restore(_ state: TrainingState) throws {
        try state.fill(parameters.values, "parameters")
        try state.fill(adam.state.means, "adam.means")
        try state.fill(adam.state.squares, "adam.squares")
        if let average { try state.fill(average, "average") }
        let kept = try state.numbers("sums", count: sums.count + 1)
        (sums, summed) = (Array(kept.dropLast()), Int(kept.last!))
        for (name, mean) in zip(names, try state.numbers("means", count: names.count)) { means[name] = mean }
        step = try state.integer("step")
        restoredSteps = step
        adam.resume(steps: step)
    }

    /// Puts the running mean of the parameters in their place.
    public func useAverage() {
        guard let average else { return }
        parameters.values.pointer.update(from: average.pointer, count: parameters.count)
    }

    private func follow(_ average: AlignedBuffer<Float>) {
        // The mean of few steps at first, so that the start is forgotten.
        let decay = min(settings.averaging!, Double(step) / Double(step + 10))
        let (target, source) = (average.pointer, parameters.values.pointer)
        let factor = Lanes(repeating: Float(1 - decay))
        for place in stride(from: 0, to: parameters.count, by: Lanes.scalarCount) {
            let mean = load(target + place)
            store(multiplyAdd(load(source + place) - mean, factor, plus: mean), to: target + place)
        }
    }

    private func row(_ rate: Double) -> MetricRow {
        if let makeRow { return makeRow(self, rate) }
        let fields: [(String, MetricRow.Value)] =
            [("step", .integer(step)), ("learning-rate", .real(rate))] + names.map { ($0, .real(means[$0]!)) }
        return MetricRow(fields, headline: "step \(step) of \(settings.steps)")
    }

    private func notFinite(_ what: String) -> TrainingError {
        .notFinite(what: "\(what) of step \(step + 1)", phase: phase)
    }
}
