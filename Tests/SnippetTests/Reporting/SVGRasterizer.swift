// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func svgRasterizerExample(_ chart: any Chart) throws {
    guard let rasterizer = SVGRasterizer.find() else { return }
    try rasterizer.convert(chart.drawing(width: 720), title: chart.title, to: "distortion.png")   // 1440 px wide
}
