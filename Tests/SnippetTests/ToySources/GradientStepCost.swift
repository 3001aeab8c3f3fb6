@testable import ToySources

// swift-format-ignore
private func gradientStepCostExample(settings: ToySettings) throws {
    let cost = try GradientStepCost(settings: settings)
    cost.operations                                         // forward and backward through both transforms
    cost.microBatchSeconds + cost.updateSeconds
}
