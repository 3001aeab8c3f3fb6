// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func reportPageExample(_ curves: LineChart, results: JSONValue) throws {
    var page = ReportPage(title: "RRQ on faces", subtitle: "100 layers of 256 codewords")
    page.add("Distortion", [
        .paragraph("Train and test distortion stay together."),
        .chart(curves, stem: "distortion", caption: "Distortion after each layer.")])
    let written = try page.write(to: "Reports/faces", data: results)
}
