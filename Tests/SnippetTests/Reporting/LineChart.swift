// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func lineChartExample(trained: [Double], plain: [Double]) throws {
    let chart = LineChart(
        title: "Distortion per layer", x: Axis("Layer"), y: Axis("Distortion", scale: .log10),
        series: [.init("VR-Kmeans", y: trained), .init("K-means", y: plain, dash: .dashed)])
    let text = chart.svg()
}
