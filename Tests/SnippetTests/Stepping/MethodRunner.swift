// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func methodRunnerExample(
    runner: any MethodRunner, seeding: any TrainingMethod, passes: any TrainingMethod
) throws -> Bool? {
    guard try runner.run(seeding, named: nil, spanning: 0...0.1, keepingEnd: false) == .finished else { return nil }
    guard try runner.run(passes, named: "passes", spanning: 0.1...1, keepingEnd: true) == .finished else { return nil }
    return true
}
