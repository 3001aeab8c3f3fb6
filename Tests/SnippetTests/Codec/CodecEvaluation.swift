// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func codecEvaluationExample(
    kodak: any ImageCollection, loop: TrainingLoop, makeCodec: @escaping () throws -> any ImageCoder
) throws {
    let evaluation = CodecEvaluation(images: kodak, layers: 6, threads: 2, makeCodec: makeCodec)
    _ = try loop.run(evaluation, shards: kodak.count)
    let bytes = evaluation.results[0].bytes                 // the same on any number of ranks; only times differ
}
