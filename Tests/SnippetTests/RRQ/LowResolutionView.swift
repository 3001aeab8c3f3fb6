import Datasets

@testable import RRQ

// swift-format-ignore
private func lowResolutionViewExample(testImages: any VectorSource) throws {
    let view = try LowResolutionView(testImages, factor: 8)                 // same size, most detail gone
}
