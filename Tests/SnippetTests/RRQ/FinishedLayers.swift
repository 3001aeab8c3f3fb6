@testable import RRQ

// swift-format-ignore
private func finishedLayersExample() throws {
    let finished = FinishedLayers(folder: "runs/faces/codebooks")
    finished.count                                          // 37
    finished.warnings                                       // a damaged file ends the list
    try finished.codebook(0)
}
