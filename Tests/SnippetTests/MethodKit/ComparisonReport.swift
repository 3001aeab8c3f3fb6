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

private func comparisonReportExample(schema: Schema) throws {
    let report = try ComparisonReport(
        ["runs/a", "runs/b", "Reports/classical-kodak"], title: "a, b and others", reference: "JPEG",
        schema: schema)
    try report.write(to: "Reports/a-against-b")
}
