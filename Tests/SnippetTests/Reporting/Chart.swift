// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func chartExample(train: LineChart.Series, test: LineChart.Series) throws {
    let chart: any Chart = LineChart(title: "Distortion", x: Axis("Layer"), y: Axis("MSE"), series: [train, test])
    let document = chart.svg()                 // a whole SVG file, 720 px wide
    let phone = chart.svg(width: 360)          // laid out anew: letters keep their size, the plot area shrinks
}
