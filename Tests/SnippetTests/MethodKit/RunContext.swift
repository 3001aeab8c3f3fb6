// Lines stand as in the doc comments.
// swift-format-ignore-file
import CodebookStudy
import Codec
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
import RRQ
import Reporting
import Stepping
import Training

@testable import MethodKit

private func runContextExample(run: RunContext<NoParts>, training: any TrainingMethod, data: Data) throws -> Int? {
    run.loop.begin("part 1 of 8", id: "part-1", spanning: 0...0.125)
    guard try run.loop.run(training) == .finished else { return nil }
    try run.write(data, to: "codebooks/part-1.safetensors")     // the coordinator writes, the others do nothing
    return 0
}
