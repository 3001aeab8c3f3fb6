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

private func configExample(schema: Schema) throws {
    let config = try Config(file: "Configs/rrq-demo.yaml", settings: ["rrq.layers=10"], schema: schema)
    config[Keys.general.seed]                               // a UInt64
    config.yaml                                             // all keys, for the run folder
}
