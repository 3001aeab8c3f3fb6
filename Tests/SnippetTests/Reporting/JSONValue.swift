// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func jsonValueExample(_ page: ReportPage) throws {
    let data: JSONValue = ["bound": 0.9185, "table1": [["method": "kmeans", "lambda": nil, "train": 0.673]]]
    print(data.prettyText)                     // sorted keys; NaN and infinity are null
    try page.write(to: "Reports/table1", data: data)
}
