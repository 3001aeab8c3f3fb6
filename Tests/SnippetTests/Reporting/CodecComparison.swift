// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func codecComparisonExample(codecs: [OwnCodec], records: [EvaluationRecord], curves: PublishedCodecs, page: inout ReportPage) throws {
    let comparison = try CodecComparison(own: codecs, evaluations: records, published: curves, reference: "JPEG")
    page.sections += comparison.sections()
}
