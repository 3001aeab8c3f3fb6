/// The rectangle data is drawn in, in px.
package struct PlotArea {
    /// The x of the left edge.
    package var left: Double
    /// The y of the upper edge; y grows downward.
    package var top: Double
    /// The x of the right edge.
    package var right: Double
    /// The y of the lower edge.
    package var bottom: Double

    /// In px.
    package var width: Double { right - left }
    /// In px.
    package var height: Double { bottom - top }

    /// The x of a fraction of the horizontal axis: 0 at the left edge, 1 at the right one.
    package func x(_ fraction: Double) -> Double { left + fraction * width }
    /// The y of a fraction of the vertical axis: 0 at the lower edge, 1 at the upper one.
    package func y(_ fraction: Double) -> Double { bottom - fraction * height }
}

/// Everything around the data: title, axis titles, ticks, legend, notes; and how much room each of them takes.
///
/// From top to bottom: title, vertical axis' title (level, which is easier to read), labels of vertical reference
/// lines, the plot, tick labels, horizontal axis' title, legend, notes. Nothing but data and grid is inside the plot,
/// so nothing can cover data.
package struct PlotFrame {
    /// What stands around the plot, and what room it needs in px.
    package struct Parts {
        /// The heading; empty for none.
        package var title = ""
        /// Below the plot.
        package var xTitle = ""
        /// Above the plot.
        package var yTitle = ""
        /// Names of colors.
        package var legend = Legend(entries: [])
        /// Whether the legend is right of the plot, if the figure is wide enough.
        package var legendOnTheRight = false
        /// Sentences below everything else.
        package var notes: [String] = []
        /// Rows of 16 px above the plot for labels of vertical lines.
        package var topRows = 0
        /// Of the plot alone.
        package var plotHeight = 300.0
        /// Room left of the plot for tick labels.
        package var leftMargin = 40.0
        /// Room right of the plot for labels of horizontal lines.
        package var rightMargin = 0.0
        /// Room below the plot for tick labels.
        package var bottomMargin = 24.0

        package init() {}
    }

    /// Of the whole figure, in px.
    package let width: Double
    /// What stands around the plot.
    package let parts: Parts
    /// Where data are drawn.
    package let area: PlotArea
    private let titleLines: [String]
    private let yTitleLines: [String]
    private let legendColumn: Double

    /// Text starts almost at the figure's edge, so that it lines up with the text of the page around it.
    package static let edge = 2.0
    /// Air right of the plot, for half a marker or half a tick label.
    package static let rightEdge = 14.0

    /// Lays the parts out for a width in px.
    package init(width: Double, parts: Parts) {
        self.width = width
        self.parts = parts
        titleLines = TextMetrics.wrap(
            parts.title, width: width - 2 * Self.edge, size: ChartStyle.titleSize, bold: true)
        yTitleLines = TextMetrics.wrap(parts.yTitle, width: width - 2 * Self.edge, size: ChartStyle.labelSize)
        let onTheRight = parts.legendOnTheRight && width >= 520 && !parts.legend.entries.isEmpty
        legendColumn = onTheRight ? min(0.32 * width, parts.legend.widest + 16) : 0
        var top = 4.0
        if !titleLines.isEmpty { top += 21 * Double(titleLines.count) + 6 }
        if !yTitleLines.isEmpty { top += 18 * Double(yTitleLines.count) + 6 }
        if titleLines.isEmpty && yTitleLines.isEmpty { top += 6 }
        top += 16 * Double(parts.topRows)
        area = PlotArea(
            left: parts.leftMargin, top: top, right: width - Self.rightEdge - parts.rightMargin - legendColumn,
            bottom: top + parts.plotHeight)
    }

    /// The plot's usual height at a width.
    package static func plotHeight(_ width: Double) -> Double { min(340, max(210, 0.46 * width)) }

    /// Draws all text outside the plot and sets the drawing's height.
    ///
    /// `draw` may fill a strip `extra` px high below the horizontal axis' title, from the y it is given.
    package func finish(
        _ drawing: inout Drawing, extra: Double = 0, _ draw: (inout Drawing, Double) -> Void = { _, _ in }
    ) {
        var y = 4.0
        for line in titleLines {
            drawing.text(line, x: Self.edge, y: y + 15, size: ChartStyle.titleSize, bold: true)
            y += 21
        }
        if !titleLines.isEmpty { y += 6 }
        for line in yTitleLines {
            drawing.text(line, x: Self.edge, y: y + 12, color: ChartStyle.mutedInk)
            y += 18
        }
        y = area.bottom + parts.bottomMargin
        for line in TextMetrics.wrap(parts.xTitle, width: width - 2 * Self.edge, size: ChartStyle.labelSize) {
            let half = TextMetrics.width(line, size: ChartStyle.labelSize) / 2
            let center = min(max((area.left + area.right) / 2, half + Self.edge), width - half - Self.edge)
            drawing.text(line, x: center, y: y + 13, color: ChartStyle.mutedInk, anchor: .middle)
            y += 18
        }
        y += 6
        if legendColumn > 0 {
            let bottom = parts.legend.draw(
                into: &drawing, x: width - legendColumn, y: area.top, width: legendColumn - Self.edge)
            y = max(y, bottom)
        } else if !parts.legend.entries.isEmpty {
            y = parts.legend.draw(into: &drawing, x: Self.edge, y: y + 4, width: width - 2 * Self.edge)
        }
        if extra > 0 {
            draw(&drawing, y)
            y += extra
        }
        y = drawNotes(into: &drawing, y: y)
        drawing.height = (y + 4).rounded(.up)
    }

    private func drawNotes(into drawing: inout Drawing, y start: Double) -> Double {
        var y = start
        for note in parts.notes {
            for line in TextMetrics.wrap(note, width: width - 2 * Self.edge, size: ChartStyle.smallSize) {
                drawing.text(line, x: Self.edge, y: y + 14, size: ChartStyle.smallSize, color: ChartStyle.mutedInk)
                y += 16
            }
        }
        return y
    }

    // MARK: ticks

    /// Room that the labels of a vertical axis need, in px.
    package static func leftMargin(for ticks: [Tick]) -> Double {
        (ticks.map { $0.width(size: ChartStyle.labelSize) }.max() ?? 0).rounded(.up) + edge + 9
    }

    /// As many ticks as stand side by side without touching.
    package static func horizontalTicks(_ axis: Axis, _ domain: AxisDomain, width: Double) -> AxisTicks {
        var count = max(2, Int(width / 48))
        while count > 2 {
            let ticks = AxisTicks(domain, atMost: count, wanted: axis.ticks)
            let widest = ticks.major.map { $0.width(size: ChartStyle.labelSize) }.max() ?? 0
            let positions = ticks.major.compactMap { domain.fraction($0.value) }.sorted()
            let narrowest = zip(positions.dropFirst(), positions).map { ($0 - $1) * width }.min() ?? .infinity
            if narrowest >= widest + 14 || axis.ticks != nil { return ticks }
            count -= 1
        }
        return AxisTicks(domain, atMost: 2, wanted: axis.ticks)
    }

    /// How far the last tick's label would reach beyond the figure.
    package static func overhang(_ ticks: AxisTicks, _ domain: AxisDomain, area: PlotArea) -> Double {
        ticks.major.reduce(0) { widest, tick in
            let end = area.x(domain.fraction(tick.value) ?? 0) + tick.width(size: ChartStyle.labelSize) / 2
            return max(widest, end + edge - area.right - rightEdge)
        }
    }

    /// Labels left of the plot, with grid lines across it.
    package func drawVerticalTicks(
        _ ticks: AxisTicks, _ domain: AxisDomain, into drawing: inout Drawing, grid: Bool = true
    ) {
        for tick in ticks.major {
            guard let fraction = domain.fraction(tick.value) else { continue }
            let y = area.y(fraction)
            if grid { drawing.line(from: (area.left, y), to: (area.right, y), stroke: .init(color: ChartStyle.grid)) }
            drawing.text(
                tick.label, superscript: tick.superscript, x: area.left - 7, y: y + 4.5, color: ChartStyle.mutedInk,
                anchor: .end)
        }
        for value in ticks.minor {
            guard let fraction = domain.fraction(value) else { continue }
            let y = area.y(fraction)
            drawing.line(from: (area.left - 3, y), to: (area.left, y), stroke: .init(color: ChartStyle.axis))
        }
    }

    /// Labels and marks below the plot.
    package func drawHorizontalTicks(_ ticks: AxisTicks, _ domain: AxisDomain, into drawing: inout Drawing) {
        var lastRight = -Double.infinity
        for tick in ticks.major {
            guard let fraction = domain.fraction(tick.value) else { continue }
            let x = area.x(fraction)
            drawing.line(from: (x, area.bottom), to: (x, area.bottom + 5), stroke: .init(color: ChartStyle.axis))
            // Ticks a caller asked for may stand too close: the mark stays, the label gives way.
            let half = tick.width(size: ChartStyle.labelSize) / 2
            guard x - half > lastRight + 4 else { continue }
            lastRight = x + half
            drawing.text(
                tick.label, superscript: tick.superscript, x: x, y: area.bottom + 19, color: ChartStyle.mutedInk,
                anchor: .middle)
        }
        for value in ticks.minor {
            guard let fraction = domain.fraction(value) else { continue }
            let x = area.x(fraction)
            drawing.line(from: (x, area.bottom), to: (x, area.bottom + 3), stroke: .init(color: ChartStyle.axis))
        }
    }

    /// The line at the lower edge of the plot.
    package func drawBaseLine(into drawing: inout Drawing) {
        drawing.line(
            from: (area.left, area.bottom), to: (area.right, area.bottom), stroke: .init(color: ChartStyle.axis))
    }

    /// What an empty chart says.
    package func drawEmptiness(into drawing: inout Drawing) {
        drawing.text(
            "no data", x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2, color: ChartStyle.mutedInk,
            anchor: .middle)
    }
}
