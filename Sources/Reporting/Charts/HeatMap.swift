import Foundation

/// A matrix as colors: bit allocation over layers and dimensions, co-occurrence, usage.
///
///     let chart = HeatMap(
///         title: "Rate per dimension and layer", x: Axis("Dimension"), y: Axis("Layer"),
///         value: Axis("Rate", unit: "bits"), rows: rates)        // rates[layer][dimension]
///
/// The first row is at the top unless `firstRowAtBottom`. Cells that are NaN, missing from a short row, or that a
/// logarithmic color scale cannot show are gray. A matrix with more cells than the plot has pixels is averaged down in
/// whole blocks, and the chart says so.
public struct HeatMap: Chart {
    /// The heading.
    public var title: String
    /// The axis of the columns.
    public var x: Axis
    /// The axis of the rows.
    public var y: Axis
    /// What the colors mean; its scale and ends are the color bar's.
    public var value: Axis
    /// Rows of the matrix.
    public let rowCount: Int
    /// Columns of the matrix.
    public let columnCount: Int
    /// Row by row.
    package let cells: [Double]
    /// The x values of the first and the last column's centers (1 and the number of columns by default).
    public var columnPositions: ClosedRange<Double>
    /// The y values of the first and the last row's centers.
    public var rowPositions: ClosedRange<Double>
    /// Whether rows are drawn upward, as on a vertical axis.
    public var firstRowAtBottom: Bool
    /// Colors of the values from least to most.
    public var colors: ColorMap

    public init(
        title: String, x: Axis, y: Axis, value: Axis, rows: [[Double]], columnPositions: ClosedRange<Double>? = nil,
        rowPositions: ClosedRange<Double>? = nil, firstRowAtBottom: Bool = false, colors: ColorMap = .viridis
    ) {
        let columns = rows.map(\.count).max() ?? 0
        self.init(
            title: title, x: x, y: y, value: value, columns: columns,
            values: rows.flatMap { $0 + Array(repeating: .nan, count: columns - $0.count) },
            columnPositions: columnPositions, rowPositions: rowPositions, firstRowAtBottom: firstRowAtBottom,
            colors: colors)
    }

    /// `values` row by row, `columns` in each; a last row that is not full is filled up with missing cells.
    public init(
        title: String, x: Axis, y: Axis, value: Axis, columns: Int, values: [Double],
        columnPositions: ClosedRange<Double>? = nil, rowPositions: ClosedRange<Double>? = nil,
        firstRowAtBottom: Bool = false,
        colors: ColorMap = .viridis
    ) {
        precondition(columns >= 0, "a heat map cannot have \(columns) columns")
        let rows = columns == 0 ? 0 : (values.count + columns - 1) / columns
        self.title = title
        self.x = x
        self.y = y
        self.value = value
        self.rowCount = rows
        self.columnCount = columns
        self.cells = rows == 0 ? [] : values + Array(repeating: .nan, count: rows * columns - values.count)
        self.columnPositions = columnPositions ?? 1...Double(max(1, columns))
        self.rowPositions = rowPositions ?? 1...Double(max(1, rows))
        self.firstRowAtBottom = firstRowAtBottom
        self.colors = colors
    }

    public func drawing(width: Double) -> Drawing {
        let xDomain = Self.edges(columnPositions, count: columnCount)
        let yDomain = Self.edges(rowPositions, count: rowCount)
        let (scale, note) = value.domain(of: cells, fit: .exact)

        var parts = PlotFrame.Parts()
        parts.title = title
        parts.xTitle = x.label
        parts.yTitle = y.label
        parts.plotHeight = min(PlotFrame.plotHeight(width), max(60, 36 * Double(rowCount)))
        let yTicks = Self.cellTicks(
            AxisTicks(yDomain, atMost: max(3, Int(parts.plotHeight / 34)), wanted: y.ticks), rowPositions, rowCount)
        parts.leftMargin = PlotFrame.leftMargin(for: yTicks.major)
        let area = PlotFrame(width: width, parts: parts).area
        let picture = HeatMapPicture(self, scale: scale, atMost: (Int(area.width), Int(area.height)))
        parts.notes = [note, picture.note].compactMap { $0 }
        // The color bar stands between the axis title and the notes, as the legend of other charts.
        let barHeight = 66.0
        let frame = PlotFrame(width: width, parts: parts)

        var drawing = Drawing(width: width)
        if rowCount > 0 && columnCount > 0 {
            picture.draw(frame.area, colors: colors, into: &drawing)
        } else {
            frame.drawEmptiness(into: &drawing)
        }
        drawing.rectangle(
            x: frame.area.left, y: frame.area.top, width: frame.area.width, height: frame.area.height, fill: nil,
            stroke: .init(color: ChartStyle.axis))
        drawVerticalTicks(yTicks, yDomain, frame.area, into: &drawing)
        let xTicks = Self.cellTicks(
            PlotFrame.horizontalTicks(x, xDomain, width: frame.area.width), columnPositions, columnCount)
        frame.drawHorizontalTicks(xTicks, xDomain, into: &drawing)
        frame.finish(&drawing, extra: barHeight) { drawing, y in
            drawColorBar(
                scale, hasMissing: picture.hasMissing, x: frame.area.left, y: y, width: frame.area.width,
                into: &drawing)
        }
        return drawing
    }

    /// Half a cell beyond the first and the last center.
    private static func edges(_ positions: ClosedRange<Double>, count: Int) -> AxisDomain {
        let span = positions.upperBound - positions.lowerBound
        let half = count > 1 && span > 0 ? span / Double(count - 1) / 2 : 0.5
        return AxisDomain(lower: positions.lowerBound - half, upper: positions.upperBound + half, scale: .linear)
    }

    /// No tick stands beyond the outermost centers, and none between whole numbers when cells are counted.
    private static func cellTicks(_ ticks: AxisTicks, _ positions: ClosedRange<Double>, _ count: Int) -> AxisTicks {
        let counted =
            positions.lowerBound == positions.lowerBound.rounded()
            && positions.upperBound - positions.lowerBound == Double(count - 1)
        let inside = ticks.major.filter { positions.contains($0.value) }
        guard counted else { return AxisTicks(major: inside, minor: []) }
        let whole = inside.map(\.value).filter { $0 == $0.rounded() }
        return AxisTicks(major: AxisTicks.labels(whole, step: 1), minor: [])
    }

    private func drawVerticalTicks(
        _ ticks: AxisTicks, _ domain: AxisDomain, _ area: PlotArea, into drawing: inout Drawing
    ) {
        for tick in ticks.major {
            guard let fraction = domain.fraction(tick.value) else { continue }
            let y = area.y(firstRowAtBottom ? fraction : 1 - fraction)
            drawing.line(from: (area.left - 5, y), to: (area.left, y), stroke: .init(color: ChartStyle.axis))
            drawing.text(
                tick.label, superscript: tick.superscript, x: area.left - 8, y: y + 4.5, color: ChartStyle.mutedInk,
                anchor: .end)
        }
    }

    private func drawColorBar(
        _ scale: AxisDomain, hasMissing: Bool, x: Double, y: Double, width: Double, into drawing: inout Drawing
    ) {
        let length = min(hasMissing ? width - 110 : width, 360)
        drawing.text(value.label, x: x, y: y + 14, color: ChartStyle.mutedInk)
        let top = y + 22
        let steps = 120
        for step in 0..<steps {
            // Each reaches to the end and is covered by the next: no seam can shine through between neighbors.
            let left = x + length * Double(step) / Double(steps)
            drawing.rectangle(
                x: left, y: top, width: x + length - left, height: 12,
                fill: colors.color((Double(step) + 0.5) / Double(steps)), crisp: true)
        }
        let ticks = PlotFrame.horizontalTicks(value, scale, width: length)
        for tick in ticks.major {
            guard let fraction = scale.fraction(tick.value) else { continue }
            let position = x + fraction * length
            drawing.line(from: (position, top + 12), to: (position, top + 16), stroke: .init(color: ChartStyle.axis))
            drawing.text(
                tick.label, superscript: tick.superscript, x: position, y: top + 30, color: ChartStyle.mutedInk,
                anchor: .middle)
        }
        if hasMissing {
            drawing.rectangle(x: x + length + 28, y: top, width: 17, height: 12, fill: ChartStyle.missing)
            drawing.text("no value", x: x + length + 52, y: top + 11, color: ChartStyle.mutedInk)
        }
    }
}
