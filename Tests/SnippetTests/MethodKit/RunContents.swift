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

private func runContentsExample(schema: Schema) throws {
    let run = try RunContents(folder: "runs/rrq-demo", schema: schema)
    run.method.name                                         // "rrq"
    run.config[Keys.general.seed]                           // 1
}
