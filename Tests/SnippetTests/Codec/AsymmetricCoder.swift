// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func asymmetricCoderExample1(symbols: [Int], table: FrequencyTable) {
    var encoder = AsymmetricEncoder()
    for symbol in symbols.reversed() { encoder.append(table.slice(of: symbol)) }      // the last symbol first
    let bytes = encoder.finish()
    var decoder = AsymmetricDecoder(bytes)!                                           // gives the first symbol first
}

private func asymmetricCoderExample2(bytes: Data, table: FrequencyTable, damaged: any Error) throws {
    var decoder = AsymmetricDecoder(bytes)!
    let symbol = table.symbol(at: decoder.offset)           // whose slice holds the offset
    guard decoder.remove(table.slice(of: symbol)) else { throw damaged }
    let isWhole = decoder.isFinished                        // after the last symbol: nothing is left
}
