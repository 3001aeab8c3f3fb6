@testable import RRQ

// swift-format-ignore
private func residualModelExample() throws {
    let model = try ResidualModel(runFolder: "runs/rrq-faces", layers: 40)     // nil for all there are
    model.shape                                             // 168 x 192, gray: all images must have this size
    model.fingerprint(entropyCoded: true)                   // files name by it what they were coded with
}
