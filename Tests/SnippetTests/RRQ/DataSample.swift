import Datasets

@testable import RRQ

// swift-format-ignore
private func dataSampleExample(source: any VectorSource, transform: DecorrelatingTransform) throws {
    let sample = try DataSample(source, transform: transform, most: 200, seed: 1)
    sample.variances                                        // of every dimension, after the cosine transform
    sample.secondsAnItem                                    // to read and transform one
}
