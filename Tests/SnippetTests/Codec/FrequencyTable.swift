// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func frequencyTableExample(encoder: inout AsymmetricEncoder, decoder: AsymmetricDecoder) {
    let table = FrequencyTable(counts: [90, 9, 1])!
    encoder.append(table.slice(of: 2))
    let symbol = table.symbol(at: decoder.offset)
}
