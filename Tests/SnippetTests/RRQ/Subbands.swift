import Datasets

@testable import RRQ

// swift-format-ignore
private func subbandsExample(shape: ImageShape) throws {
    let subbands = Subbands(shape: shape, bandSize: 512, lowFrequencyFactor: 8)
    subbands.order[0]                                       // the index of the first coefficient in the image
    subbands.bands                                          // ranges of the order; each gets a PCA of its own
}
