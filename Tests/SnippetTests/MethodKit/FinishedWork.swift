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

private func finishedWorkExample(run: RunContext<FinishedParts<String>>, point: String, row: MetricRow) throws {
    if let point = run.parts["ecvq-64"] { print(point) }    // then points/ecvq-64.json exists
    try run.parts.finish(point, id: "ecvq-64", row: row, run.loop)
}
