// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func heatMapExample(rates: [[Double]]) throws {
    let chart = HeatMap(
        title: "Rate per dimension and layer", x: Axis("Dimension"), y: Axis("Layer"),
        value: Axis("Rate", unit: "bits"), rows: rates)        // rates[layer][dimension]
}
