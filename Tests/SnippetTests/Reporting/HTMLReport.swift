// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func htmlReportExample(_ page: ReportPage) throws {
    let text = HTMLReport(page).text
}
