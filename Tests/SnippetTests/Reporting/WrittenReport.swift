// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func writtenReportExample(_ page: ReportPage, results: JSONValue) throws {
    let written = try page.write(to: "Reports/faces", data: results)
    written.notes.forEach { print($0) }        // "plots/*.png skipped: rsvg-convert was not found on PATH ..."
}
