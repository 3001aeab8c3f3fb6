// Lines stand as in the doc comments.
// swift-format-ignore-file
import Datasets
import Numerics
import Stepping
import Training

@testable import Neural

private func codewordLookupExample(quantizer: ProductQuantization, tape: Tape) {
    let lookup = quantizer.lookup(rows: 4096, on: tape)
    lookup.indices[0] = 17                              // filled by the caller before `forward`
    let codewords = lookup.result                       // rows x dimension
}
