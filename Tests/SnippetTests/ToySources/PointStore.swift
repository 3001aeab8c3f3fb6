import Datasets
import MethodKit
import Training

@testable import ToySources

// swift-format-ignore
private func pointStoreExample(
    run: RunContext<FinishedParts<ToyRecord.Point>>, point: ToyRecord.Point, tensors: [String: Tensor],
    loop: TrainingLoop
) throws {
    let store = PointStore(parts: run.parts)
    store.holds("ntc-64")                                   // true if points/ntc-64.json exists
    try store.add(point, name: "ntc-128", partition: nil, model: tensors, loop)
}
