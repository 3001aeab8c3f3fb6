// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func codecCropsExample(evaluations: [(name: String, record: EvaluationRecord)], page: inout ReportPage) throws {
    let crops = CodecCrops(folders: ["decoded"], originals: "kodak", evaluations: evaluations)
    page.sections.append(try crops.section())
}
