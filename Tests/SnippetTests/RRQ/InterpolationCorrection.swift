import Training

@testable import RRQ

// swift-format-ignore
private func interpolationCorrectionExample(
    heldOut: VectorShards, heldOutViews: VectorShards, testViews: VectorShards, loop: TrainingLoop
) throws {
    let correction = InterpolationCorrection(originals: heldOut, views: heldOutViews, corrected: [testViews])
    _ = try loop.run(correction)                            // the views are corrected in place
}
