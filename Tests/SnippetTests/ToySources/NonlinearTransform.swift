import Neural

@testable import ToySources

// swift-format-ignore
private func nonlinearTransformExample(
    size: NonlinearTransform.Size, parameters: ParameterSet, x: Value, tape: Tape
) throws {
    let analysis = NonlinearTransform(dimension: 2, size: size, name: "analysis", seed: 1, in: parameters)
    let latents = analysis(x, on: tape)                     // rows x dimension
}
