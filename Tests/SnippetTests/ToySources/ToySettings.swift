@testable import ToySources

// swift-format-ignore
private func toySettingsExample() throws {
    var settings = ToySettings(source: "boomerang", dimension: 2)
    settings.methods = [.ecvq, .ntc]
    settings.ecvq.lambdas = [1, 4, 16, 64]
}
