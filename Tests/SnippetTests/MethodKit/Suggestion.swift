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

private func suggestionExample() throws {
    Suggestion.among(["rrq.layers", "seed"], for: "rrq.layer")     // "rrq.layers"
}
