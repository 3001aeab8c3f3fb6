// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func evaluationFilesExample() throws {
    let records = try EvaluationFiles.read("Reports/classical-kodak")       // a file, or a folder of them
    try EvaluationFiles.isEvaluation("runs/nvtc-small")                     // false: a run folder
}
