/// A figure that can draw itself as SVG at any width; the charts of a report are values of this kind.
///
///     let chart: any Chart = LineChart(title: "Distortion", x: Axis("Layer"), y: Axis("MSE"), series: [train, test])
///     let document = chart.svg()                 // a whole SVG file, 720 px wide
///     let phone = chart.svg(width: 360)          // laid out anew: letters keep their size, the plot area shrinks
public protocol Chart: Sendable {
    /// The heading drawn above the plot; it also names the figure for screen readers.
    var title: String { get }

    /// Lays the chart out for a width in CSS pixels (at least 240); the height follows from the content.
    func drawing(width: Double) -> Drawing
}

extension Chart {
    /// A complete, self-contained SVG document.
    public func svg(width: Double = ChartStyle.defaultWidth) -> String {
        drawing(width: max(240, width)).document(title: title)
    }

    /// The same without XML declaration and name space, as HTML wants it inside a page.
    package func inlineSVG(width: Double) -> String {
        drawing(width: max(240, width)).element(title: title, standalone: false)
    }
}
