// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func localRunnerExample(method: any TrainingMethod) throws {
    let runner = LocalRunner(shards: 16, threads: 2)
    try runner.run(method)                                  // the bytes that any number of ranks would give
}
