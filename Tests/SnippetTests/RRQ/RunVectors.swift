import Datasets
import Training

@testable import RRQ

// swift-format-ignore
private func runVectorsExample(
    sources: RunVectors.Sources, transform: DecorrelatingTransform, inventory: VectorInventory, loop: TrainingLoop,
    memory: VectorMemory
) throws {
    let data = try RunVectors(sources: sources, factor: 8, transform: transform, inventory: inventory, loop, memory)
    // pre-processing works on data.train and data.others in place
    data.copySets()
    data[.originals]                                        // the test images, which no layer changes
}
