// Lines stand as in the doc comments.
// swift-format-ignore-file
import Codec
import Foundation
import MethodKit
import Training

@testable import Reporting

private func drawingExample() throws {
    var drawing = Drawing(width: 720)
    drawing.line(from: (0, 10), to: (720, 10), stroke: .init(color: ChartStyle.ink))
    drawing.text("λ < 10", x: 360, y: 30, anchor: .middle)
    let file = drawing.document(title: "An example")
}
