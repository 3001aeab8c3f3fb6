/// A dashed line across the whole plot: a bound, a budget, the step at which something happens.
///
///     ReferenceLine.horizontal(0.9185, label: "D* (rate-distortion bound)")
///     ReferenceLine.vertical(47, label: "active set")
///
/// Labels stand outside the plot (right of a horizontal line, above a vertical one); in narrow charts a horizontal
/// line's label moves into the legend.
public struct ReferenceLine: Sendable {
    /// Along which axis the line runs.
    package enum Direction: Sendable { case horizontal, vertical }

    /// Along which axis the line runs.
    package let direction: Direction
    /// In the units of the axis that it crosses.
    public let value: Double
    /// What it means; empty for no label.
    public let label: String

    /// A line at a value of the vertical axis.
    public static func horizontal(_ value: Double, label: String) -> ReferenceLine {
        ReferenceLine(direction: .horizontal, value: value, label: label)
    }

    /// A line at a value of the horizontal axis.
    public static func vertical(_ value: Double, label: String) -> ReferenceLine {
        ReferenceLine(direction: .vertical, value: value, label: label)
    }

    /// Patterns that lines take one after another, in px.
    package static let dashes: [[Double]] = [[6, 4], [2, 3], [10, 4, 2, 4]]
}

/// The reference lines of one chart: where their labels go, and drawing them.
package struct ReferenceLines {
    /// In the order of the chart.
    package let lines: [ReferenceLine]
    /// Whether labels of horizontal lines stand in the margin.
    package let labelsInMargin: Bool
    /// Room right of the plot for labels, in px.
    package let rightMargin: Double

    /// - Parameter width: of the figure, in px.
    package init(_ lines: [ReferenceLine], width: Double) {
        self.lines = lines
        let labels = lines.filter { $0.direction == .horizontal && !$0.label.isEmpty }.map(\.label)
        labelsInMargin = width >= 520
        let widest = labels.map { TextMetrics.width($0, size: ChartStyle.smallSize) }.max() ?? 0
        rightMargin = labelsInMargin && widest > 0 ? min(widest + 8, 0.2 * width) : 0
    }

    /// The values that an axis must cover.
    package func values(_ direction: ReferenceLine.Direction) -> [Double] {
        lines.filter { $0.direction == direction }.map(\.value)
    }

    private func stroke(_ index: Int) -> Drawing.Stroke {
        Drawing.Stroke(
            color: ChartStyle.mutedInk, width: 1.3, dashes: ReferenceLine.dashes[index % ReferenceLine.dashes.count])
    }

    /// Entries for horizontal lines whose labels have no room in the margin.
    package var legendEntries: [Legend.Entry] {
        lines.enumerated().compactMap { index, line in
            guard line.direction == .horizontal, !labelsInMargin, !line.label.isEmpty else { return nil }
            return Legend.Entry(name: line.label, color: ChartStyle.mutedInk, key: .line(stroke(index), .none))
        }
    }

    /// Where a vertical line's label goes.
    package struct TopLabel {
        /// Counted upward from the plot.
        var row: Int
        var left: Double
        var right: Double
        fileprivate var line: Double
    }

    /// A row above the plot for every vertical line's label, so that it touches no other label and no other line's
    /// stem.
    package func topLabels(_ domain: AxisDomain, area: PlotArea) -> [Int: TopLabel] {
        var placed: [Int: TopLabel] = [:]
        for (index, line) in lines.enumerated().sorted(by: { $0.element.value > $1.element.value })
        where line.direction == .vertical && !line.label.isEmpty && domain.contains(line.value) {
            let x = area.x(domain.fraction(line.value) ?? 0)
            let width = TextMetrics.width(line.label, size: ChartStyle.smallSize)
            // Right of the stem, or left of it if the figure ends.
            let fits = x + 4 + width <= area.right + PlotFrame.rightEdge
            let left = fits ? x + 4 : max(PlotFrame.edge, x - 4 - width)
            var label = TopLabel(row: 0, left: left, right: left + width, line: x)
            while label.row <= placed.count && placed.values.contains(where: { Self.clash(label, $0) }) {
                label.row += 1
            }
            placed[index] = label
        }
        return placed
    }

    private static func clash(_ a: TopLabel, _ b: TopLabel) -> Bool {
        func crosses(_ stem: TopLabel, _ label: TopLabel) -> Bool {
            stem.row >= label.row && stem.line > label.left - 3 && stem.line < label.right + 3
        }
        return a.row == b.row && a.left < b.right + 8 && b.left < a.right + 8 || crosses(a, b) || crosses(b, a)
    }

    /// Draws lines and labels.
    /// - Parameters:
    ///   - x: nil for a chart whose horizontal axis has no values.
    ///   - top: where labels of vertical lines go, by the index of the line.
    package func draw(
        _ frame: PlotFrame, x: AxisDomain?, y: AxisDomain, labels top: [Int: TopLabel], into drawing: inout Drawing
    ) {
        let area = frame.area
        var labels: [(y: Double, lines: [String])] = []
        for (index, line) in lines.enumerated() {
            if line.direction == .horizontal, y.contains(line.value), let fraction = y.fraction(line.value) {
                let height = area.y(fraction)
                drawing.line(from: (area.left, height), to: (area.right, height), stroke: stroke(index))
                guard labelsInMargin else { continue }
                let text = TextMetrics.wrap(line.label, width: rightMargin, size: ChartStyle.smallSize)
                labels.append((height, text))
            } else if line.direction == .vertical, let x, x.contains(line.value), let fraction = x.fraction(line.value)
            {
                let position = area.x(fraction)
                let label = top[index]
                let rise = label.map { 16 * Double($0.row) + 14 } ?? 0
                drawing.line(from: (position, area.top - rise), to: (position, area.bottom), stroke: stroke(index))
                guard let label else { continue }
                drawing.text(
                    line.label, x: label.left, y: area.top - 5 - 16 * Double(label.row), size: ChartStyle.smallSize,
                    color: ChartStyle.mutedInk)
            }
        }
        // From the top down, each label at its line or just below the label above.
        var next = -Double.infinity
        for label in labels.sorted(by: { $0.y < $1.y }) {
            var baseline = max(next, label.y - 7 * Double(label.lines.count - 1) + 4)
            for line in label.lines {
                drawing.text(
                    line, x: area.right + 7, y: baseline, size: ChartStyle.smallSize, color: ChartStyle.mutedInk)
                baseline += 14
            }
            next = baseline + 2
        }
    }
}
