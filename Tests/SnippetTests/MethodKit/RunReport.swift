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

private func runReportExample(schema: Schema) throws {
    let written = try RunReport.write(runFolder: "runs/rrq-demo", schema: schema)
    print(written.page)                                     // runs/rrq-demo/report/index.html
}
