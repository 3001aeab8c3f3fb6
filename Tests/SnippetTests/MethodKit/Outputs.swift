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

private func outputsExample(output: String, json: String?, input: String, model: String) throws {
    try Outputs.check([output, json], inputs: [input, model])
}
