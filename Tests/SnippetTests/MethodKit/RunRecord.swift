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

private func runRecordExample(record: RRQRecord, config: Config) throws {
    RecordFile(record, RRQMethod.name, config)              // {"config": {"rrq.layers": 20, ...}, "layers": [...], ...}
}
