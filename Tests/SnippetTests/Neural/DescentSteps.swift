// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func descentStepsExample(
    parameters: ParameterSet, schedule: LearningRateSchedule, tape: Tape, statistics: Statistics, total: Statistics,
    team: Team, phase: String
) throws {
    var layout = StatisticsLayout(finishesRows: true)
    let steps = DescentSteps(
        parameters: parameters, count: 8000, schedule: schedule, clipping: 1, in: &layout)
    steps.addObjective(of: tape, to: statistics)            // in `map`, after the tape's forward run
    steps.runBackward(tape, into: statistics)
    let taken = try steps.take(total, team: team) { LloydError.notFinite(what: $0, phase: phase) }
    let norm = taken.norm                                   // of the clipped parameters' gradient
}
