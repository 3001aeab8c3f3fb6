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

private func dataOpeningExample(config: Config, opening: DataOpening) throws {
    let source = try config.makeVectors(opening)
}
