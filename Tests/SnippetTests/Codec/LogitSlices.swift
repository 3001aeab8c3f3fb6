// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func logitSlicesExample(
    logits: UnsafePointer<Float>, noProbabilities: any Error, encoder: inout AsymmetricEncoder,
    decoder: AsymmetricDecoder
) throws {
    let slices = LogitSlices(symbols: 512)
    guard slices.prepare(logits) else { throw noProbabilities }
    encoder.append(slices.slice(of: 17))
    let (symbol, slice) = slices.symbol(at: decoder.offset)
}
