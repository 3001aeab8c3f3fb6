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

private func runMetricsExample(_ run: RunContents) throws {
    let metrics = try RunMetrics(run)
    metrics["loss"]                                         // a value for each row, NaN if there is none
    metrics.kinds                                           // "train", "validation" ...: the column "kind"
}
