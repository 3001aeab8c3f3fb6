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

private func resolvedConfigExample(run: RunContents) throws {
    run.config[Keys.general.title]                          // "Faces"
    run.config.text("rrq.layers")                           // "100", for tables
}
