import Training

@testable import RRQ

// swift-format-ignore
private func vectorInventoryExample(settings: RRQRecipe.Settings, loop: TrainingLoop) throws {
    let inventory = VectorInventory(
        settings: settings, dimension: 1000, isImage: false, train: 8000, test: 2000, heldOut: 0)
    inventory.uses                                          // [.train, .test, .activeEntries]
    try inventory.memory(reduction: loop.reduction, budget: 2 << 30, folder: nil)
}
