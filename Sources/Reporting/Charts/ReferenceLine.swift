/// A dashed line across the whole plot: a bound, a budget, the step at which something happens.
///
///     ReferenceLine.horizontal(0.9185, label: "D* (rate-distortion bound)")
///     ReferenceLine.vertical(47, label: "active set")
///
/// Labels stand outside the plot (right of a horizontal line, above a vertical one); in narrow charts a horizontal
/// line's label moves into the legend.
public struct ReferenceLine: Sendable {
    enum Direction: Sendable { case horizontal, vertical }

    let direction: Direction
    public let value: Double
    public let label: String

    public static func horizontal(_ value: Double, label: String) -> ReferenceLine {
        ReferenceLine(direction: .horizontal, value: value, label: label)
    }

    public static func vertical(_ value: Double, label: String) -> ReferenceLine {
        ReferenceLine(direction: .vertical, value: value, label: label)
    }

    static let dashes: [[Double]] = [[6, 4], [2, 3], [10, 4, 2, 4]]
}

/// The reference lines of one chart: where their labels go, and drawing them.
struct ReferenceLines {
    let lines: [ReferenceLine]
    /// Whether labels of horizontal lines stand in the margin.
    let labelsInMargin: Bool
    let rightMargin: Double

    init(_ lines: [ReferenceLine], width: Double) {
        self.lines = lines
        let labels = lines.filter { $0.direction == .horizontal && !$0.label.isEmpty }.map(\.label)
        labelsInMargin = width >= 520
        let widest = labels.map { TextMetrics.width($0, size: ChartStyle.smallSize) }.max() ?? 0
        rightMargin = labelsInMargin && widest > 0 ? min(widest + 8, 0.2 * width) : 0
    }

    func values(_ direction: ReferenceLine.Direction) -> [Double] {
        lines.filter { $0.direction == direction }.map(\.value)
    }

    private func stroke(_ index: Int) -> Drawing.Stroke {
        Drawing.Stroke(
            color: ChartStyle.mutedInk, width: 1.3, dashes: ReferenceLine.dashes[index % ReferenceLine.dashes.count])
    }

    var legendEntries: [Legend.Entry] {
        lines.enumerated().compactMap { index, line in
            guard line.direction == .horizontal, !labelsInMargin, !line.label.isEmpty else { return nil }
            return Legend.Entry(name: line.label, color: ChartStyle.mutedInk, key: .line(stroke(index), .none))
        }
    }

    /// For each vertical line the row above the plot in which its label fits without touching another.
    func topRows(_ domain: AxisDomain, left: Double, right: Double) -> [Int: Int] {
        var ends: [Double] = []
        var rows: [Int: Int] = [:]
        for (index, line) in lines.enumerated().sorted(by: { $0.element.value < $1.element.value })
        where line.direction == .vertical && !line.label.isEmpty && domain.contains(line.value) {
            let span = Self.span(of: line, domain, left: left, right: right)
            let row = ends.firstIndex { $0 + 10 < span.lowerBound } ?? ends.count
            if row == ends.count { ends.append(span.upperBound) } else { ends[row] = span.upperBound }
            rows[index] = row
        }
        return rows
    }

    private static func span(of line: ReferenceLine, _ domain: AxisDomain, left: Double, right: Double) -> ClosedRange<Double> {
        let half = TextMetrics.width(line.label, size: ChartStyle.smallSize) / 2
        let wanted = left + (domain.fraction(line.value) ?? 0) * (right - left)
        let centre = max(PlotFrame.edge + half, min(wanted, right + 10 - half))
        return centre - half...centre + half
    }

    func draw(_ frame: PlotFrame, x: AxisDomain?, y: AxisDomain, rows: [Int: Int], into drawing: inout Drawing) {
        let area = frame.area
        var labels: [(y: Double, lines: [String])] = []
        for (index, line) in lines.enumerated() {
            if line.direction == .horizontal, y.contains(line.value), let fraction = y.fraction(line.value) {
                let height = area.y(fraction)
                drawing.line(from: (area.left, height), to: (area.right, height), stroke: stroke(index))
                guard labelsInMargin else { continue }
                let text = TextMetrics.wrap(line.label, width: frame.parts.rightMargin, size: ChartStyle.smallSize)
                labels.append((height, text))
            } else if line.direction == .vertical, let x, x.contains(line.value), let fraction = x.fraction(line.value) {
                let place = area.x(fraction)
                let row = Double(rows[index] ?? 0)
                drawing.line(from: (place, area.top - 4 - 16 * row), to: (place, area.bottom), stroke: stroke(index))
                let span = Self.span(of: line, x, left: area.left, right: area.right)
                drawing.text(
                    line.label, x: (span.lowerBound + span.upperBound) / 2, y: area.top - 8 - 16 * row,
                    size: ChartStyle.smallSize, color: ChartStyle.mutedInk, anchor: .middle)
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
