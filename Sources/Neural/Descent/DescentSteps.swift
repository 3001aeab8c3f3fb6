import Numerics
import Stepping

/// What every gradient descent does with a step: gradients and the objective are summed, Adam follows them by a schedule.
///
///     var layout = StatisticsLayout(finishesRows: true)
///     let steps = DescentSteps(
///         parameters: parameters, count: 8000, schedule: schedule, clipping: 1, in: &layout)
///     steps.addObjective(of: tape, to: statistics)            // in `map`, after the tape's forward run
///     steps.runBackward(tape, into: statistics)
///     let taken = try steps.take(total, team: team) { LloydError.notFinite(what: $0, phase: phase) }
///     let norm = taken.norm                                   // of the clipped parameters' gradient
///
/// Gradients are finished from the model's end to its start, so that they are reduced while the backward pass still runs.
package final class DescentSteps {
    /// What takes the steps.
    package let adam: Adam
    /// Steps in all.
    package let count: Int
    /// Steps taken, those that a checkpoint held included.
    package private(set) var taken = 0
    /// Steps that a checkpoint held.
    package private(set) var restored = 0
    private let parameters: ParameterSet
    private let schedule: LearningRateSchedule
    private let clipping: Double?
    private let gradients: RowsField
    private let objective: SumField

    /// Adds the gradients and the objective to a layout.
    /// - Parameters:
    ///   - adam: settings of the optimizer.
    ///   - count: steps in all.
    ///   - clipping: the norm of the gradient of clipped parameters is cut to this; nil for no clipping.
    ///   - layout: without rows yet; gradients become its first.
    package init(
        parameters: ParameterSet, adam: Adam.Settings = .init(), count: Int, schedule: LearningRateSchedule,
        clipping: Double?, in layout: inout StatisticsLayout
    ) {
        precondition(layout.rows == 0)
        self.parameters = parameters
        self.adam = Adam(parameters: parameters, settings: adam)
        self.count = count
        self.schedule = schedule
        self.clipping = clipping
        gradients = layout.addRows(ParameterSet.rows(before: parameters.count), columns: ParameterSet.rowLength)
        objective = layout.addSum()
    }

    /// Whether all steps are taken.
    package var isFinished: Bool { taken >= count }
    /// The share of all steps that is taken, in 0...1.
    package var progress: Double { Double(taken) / Double(max(1, count)) }
    /// The share of all steps that a checkpoint held.
    package var restoredProgress: Double { Double(restored) / Double(max(1, count)) }
    /// The first row after the gradients.
    package var rows: Int { gradients.count }

    /// Adds the objective of a tape that was run forward.
    package func addObjective(of tape: Tape, to statistics: Statistics) { statistics[objective] += tape.objective }

    /// The mean objective of a step in sums over `steps` steps.
    package func objective(in sums: Statistics, steps: Double) -> Double { sums[objective] / steps }

    /// Runs the tape backward into the gradients, which it overwrites.
    /// - Parameter isLast: whether nothing is added to them afterwards, so that they may be reduced.
    package func runBackward(_ tape: Tape, into statistics: Statistics, isLast: Bool = true) {
        tape.backward(into: statistics.row(gradients)) { offset in
            if isLast { statistics.finish(rowsFrom: ParameterSet.rows(before: offset)) }
        }
    }

    /// Adds gradients that were computed otherwise, `parameters.count` floats.
    package func add(_ values: AlignedBuffer<Float>, to statistics: Statistics) {
        addScaled(values.pointer, factor: 1, to: statistics.row(gradients), count: parameters.count)
    }

    /// Takes the step that the summed gradients ask for.
    /// - Parameter failure: the error for an objective or a gradient that is not finite: it must not reach the parameters.
    /// - Returns: the learning rate, and the norm of the clipped parameters' gradient before clipping.
    /// - Throws: what `failure` makes; the parameters are then as before.
    package func take(
        _ total: Statistics, team: Team, failure: (_ what: String) -> LloydError
    ) throws -> (rate: Double, norm: Double) {
        guard total[objective].isFinite else { throw failure("the objective") }
        let norm = adam.norm(total.row(gradients))
        guard norm.isFinite else { throw failure("the gradient") }
        let scale = clipping.map { norm > $0 ? $0 / norm : 1 } ?? 1
        let rate = schedule.rate(step: taken, of: count)
        try adam.step(total.row(gradients), rate: rate, scale: scale, team: team)
        taken += 1
        return (rate, norm)
    }

    // MARK: Resumption

    /// Puts the steps, the parameters and Adam's running means into a state.
    package func save(in state: inout TrainingState) {
        state.set("step", taken)
        state.set("parameters", parameters.values)
        state.set("adam.means", adam.state.means)
        state.set("adam.squares", adam.state.squares)
    }

    /// Takes steps, parameters and Adam's running means out of a state.
    /// - Throws: `LloydError` for the state of another model.
    package func restore(_ state: TrainingState) throws {
        try state.fill(parameters.values, "parameters")
        try state.fill(adam.state.means, "adam.means")
        try state.fill(adam.state.squares, "adam.squares")
        taken = try state.integer("step")
        restored = taken
        adam.resume(steps: taken)
    }
}
