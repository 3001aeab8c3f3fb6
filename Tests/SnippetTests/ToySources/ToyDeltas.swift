@testable import ToySources

// swift-format-ignore
private func toyDeltasExample(curves: ToyCurves) throws {
    let deltas = ToyDeltas(curves)
    deltas.againstPublished                                 // a row for each method that both have
    ToyDeltas.paper(source: "boomerang", dimension: 2)      // -0.58
}
