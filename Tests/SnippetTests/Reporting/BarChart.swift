// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func barChartExample() throws {
    let chart = BarChart(
        title: "Where the time went", y: Axis("Time", unit: "s"), categories: ["map", "reduce", "update"],
        series: [.init("rank 0", [41.2, 2.0, 0.4]), .init("rank 1", [40.8, 2.1, 0.4])], arrangement: .grouped)
}
