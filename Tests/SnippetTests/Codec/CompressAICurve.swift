// Lines stand as in the doc comments.
// swift-format-ignore-file
import Core
import Datasets
import Foundation
import Training

@testable import Codec

private func compressAICurveExample(record: EvaluationRecord) throws {
    let curve = CompressAICurve(record, name: "NVTC small", description: "files of lloyd encode")
    let json = try JSONEncoder().encode(curve)              // {"name", "description", "results": {"bpp": [..], ..}}
}
