// Lines stand as in the doc comments.
// swift-format-ignore-file
import Stepping

private func resumableMethodExample(method: any ResumableMethod, another: any ResumableMethod) throws {
    let state = method.state()                              // after a step, on the coordinator
    if let state { try another.restore(state) }             // a method made from the same settings, on every rank
    // its steps are those that `method` would have done
}
