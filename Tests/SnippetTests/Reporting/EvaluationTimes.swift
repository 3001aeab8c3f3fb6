// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func evaluationTimesExample(_ record: EvaluationRecord) throws {
    EvaluationTimes([(name: "NVTC small", record: record)]).table
}
