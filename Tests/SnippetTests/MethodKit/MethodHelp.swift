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

private func methodHelpExample() throws {
    MethodHelp(
        .evaluate, "A run of a product quantizer has one point.",
        examples: ["lloyd evaluate runs/pq --data photos --json pq.json"])
}
