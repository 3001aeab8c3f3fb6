// Lines stand as in the doc comments.
// swift-format-ignore-file
@testable import CodebookStudy
import Codec
import Datasets
import Foundation
import Messaging
import NVTC
import Numerics
@testable import RRQ
import Reporting
import Stepping
import Training

@testable import MethodKit

private func runRecordCheckExample(record: RRQRecord) throws {
    let check = RunRecordCheck(file: "runs/faces/record.json")
    try check.require(record.dimension > 0, "dimension", "it is \(record.dimension)")
}
