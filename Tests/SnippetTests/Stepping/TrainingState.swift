// Lines stand as in the doc comments.
// swift-format-ignore-file
import Numerics
import Stepping

private func trainingStateExample(parameters: AlignedBuffer<Float>, step: inout Int) throws {
    var state = TrainingState()
    state.set("parameters", parameters)
    state.set("step", step)
    try state.fill(parameters, "parameters")                // in another process
    step = try state.integer("step")
}
