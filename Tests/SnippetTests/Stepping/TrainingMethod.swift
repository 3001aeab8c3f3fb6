// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func trainingMethodExample(
    method: any TrainingMethod, team: Team,
    sum: (StatisticsLayout, (Int, Int, Statistics) throws -> Void) throws -> Statistics
) throws {
    while !method.isFinished {                              // what `TrainingLoop` does, in short
        let total = try sum(method.layout, method.map)
        _ = try method.update(total, team: team)
    }
}
