/// Curves over a common axis: training progress, rate-distortion curves, spectra.
///
///     let chart = LineChart(
///         title: "Distortion per layer", x: Axis("Layer"), y: Axis("Distortion", scale: .log10),
///         series: [.init("VR-Kmeans", y: trained), .init("K-means", y: plain, dash: .dashed)])
///     let text = chart.svg()
///
/// A point with NaN or infinity, or one that a logarithmic axis cannot show, leaves a gap. A series of more than 2000
/// points is thinned without losing its extremes.
public struct LineChart: Chart {
    /// How a line is broken.
    public enum Dash: Sendable {
        case solid, dashed, dotted, dashDotted

        var pattern: [Double] {
            switch self {
            case .solid: []
            case .dashed: [6, 5]
            case .dotted: [1.5, 4]
            case .dashDotted: [8, 4, 1.5, 4]
            }
        }
    }

    /// One named curve.
    public struct Series: Sendable {
        /// For the legend; empty for none.
        public var name: String
        /// In the units of the axis x.
        public var x: [Double]
        /// In the units of the axis y.
        public var y: [Double]
        /// Nil for the next color of the palette.
        public var color: ChartColor?
        /// The sign at each point.
        public var marker: Marker
        /// nil: solid, and dashed once the colors have been used up.
        public var dash: Dash?
        /// Whether a value holds until the next point, as in a schedule.
        public var steps: Bool
        /// Whether the points are joined at all.
        public var joined: Bool
        /// Of the line, in px.
        public var width = 2.0

        /// Points (x[i], y[i]). Should one array be longer, its surplus is left out and the chart says so.
        public init(
            _ name: String, x: [Double], y: [Double], color: ChartColor? = nil, marker: Marker = .automatic,
            dash: Dash? = nil, steps: Bool = false, joined: Bool = true
        ) {
            self.name = name
            self.x = x
            self.y = y
            self.color = color
            self.marker = marker
            self.dash = dash
            self.steps = steps
            self.joined = joined
        }

        /// Points at x = 1, 2, 3 ...
        public init(
            _ name: String, y: [Double], color: ChartColor? = nil, marker: Marker = .automatic, dash: Dash? = nil,
            steps: Bool = false
        ) {
            self.init(
                name, x: (0..<y.count).map { Double($0 + 1) }, y: y, color: color, marker: marker, dash: dash,
                steps: steps)
        }
    }

    /// Where the legend is. In narrow charts it is always below.
    public enum LegendPlace: Sendable { case below, right }

    /// The heading.
    public var title: String
    /// The horizontal axis.
    public var x: Axis
    /// The vertical axis.
    public var y: Axis
    /// Curves, from the lowest layer to the topmost.
    public var series: [Series]
    /// Lines across the plot.
    public var references: [ReferenceLine]
    /// Below the plot, or right of it.
    public var legend: LegendPlace

    public init(
        title: String, x: Axis, y: Axis, series: [Series], references: [ReferenceLine] = [],
        legend: LegendPlace = .below
    ) {
        self.title = title
        self.x = x
        self.y = y
        self.series = series
        self.references = references
        self.legend = legend
    }

    public func drawing(width: Double) -> Drawing {
        let visible = series.map { series in
            zip(series.x, series.y).filter { AxisDomain.shows($0, on: x.scale) && AxisDomain.shows($1, on: y.scale) }
        }
        let lines = ReferenceLines(references, width: width)
        let (xDomain, xNote) = x.domain(
            of: visible.joined().map(\.0) + lines.values(.vertical), fit: .snug)
        let (yDomain, yNote) = y.domain(of: visible.joined().map(\.1) + lines.values(.horizontal), fit: .airy)

        var parts = PlotFrame.Parts()
        parts.title = title
        parts.xTitle = x.label
        parts.yTitle = y.label
        parts.plotHeight = PlotFrame.plotHeight(width)
        parts.legend = Legend(entries: series.indices.compactMap(legendEntry) + lines.legendEntries)
        parts.legendOnTheRight = legend == .right
        parts.notes = [xNote, yNote].compactMap { $0 } + dataNotes()
        parts.rightMargin = lines.rightMargin
        let yTicks = AxisTicks(yDomain, atMost: max(3, Int(parts.plotHeight / 40)), wanted: y.ticks)
        parts.leftMargin = PlotFrame.leftMargin(for: yTicks.major)
        var frame = PlotFrame(width: width, parts: parts)
        let xTicks = PlotFrame.horizontalTicks(x, xDomain, width: frame.area.width)
        parts.rightMargin += PlotFrame.overhang(xTicks, xDomain, area: frame.area)
        frame = PlotFrame(width: width, parts: parts)
        let topLabels = lines.topLabels(xDomain, area: frame.area)
        if let last = topLabels.values.map(\.row).max() {
            parts.topRows = last + 1
            frame = PlotFrame(width: width, parts: parts)
        }

        var drawing = Drawing(width: width)
        frame.drawVerticalTicks(yTicks, yDomain, into: &drawing)
        frame.drawHorizontalTicks(xTicks, xDomain, into: &drawing)
        frame.drawBaseLine(into: &drawing)
        lines.draw(frame, x: xDomain, y: yDomain, labels: topLabels, into: &drawing)
        for index in series.indices { draw(index, frame.area, xDomain, yDomain, into: &drawing) }
        if visible.allSatisfy(\.isEmpty) { frame.drawEmptiness(into: &drawing) }
        frame.finish(&drawing)
        return drawing
    }

    // MARK: one series

    private func color(_ index: Int) -> ChartColor { series[index].color ?? ChartStyle.color(index) }

    private func stroke(_ index: Int) -> Drawing.Stroke {
        let dash = series[index].dash ?? (index < ChartStyle.palette.count ? .solid : .dashed)
        return Drawing.Stroke(color: color(index), width: series[index].width, dashes: dash.pattern)
    }

    private func marker(_ index: Int) -> Marker {
        guard case .automatic = series[index].marker else { return series[index].marker }
        guard series[index].joined else { return .circle }
        return series[index].y.count <= 25 ? Marker.cycle[index % Marker.cycle.count] : .none
    }

    private func legendEntry(_ index: Int) -> Legend.Entry? {
        guard !series[index].name.isEmpty else { return nil }
        var line = stroke(index)
        if !series[index].joined { line.width = 0 }
        return Legend.Entry(name: series[index].name, color: color(index), key: .line(line, marker(index)))
    }

    private func draw(
        _ index: Int, _ area: PlotArea, _ xDomain: AxisDomain, _ yDomain: AxisDomain, into drawing: inout Drawing
    ) {
        let series = series[index]
        var runs: [[SeriesThinning.Point]] = [[]]
        for (position, (x, y)) in zip(series.x, series.y).enumerated() {
            if let across = xDomain.fraction(x), let up = yDomain.fraction(y) {
                runs[runs.count - 1].append(.init(x: area.x(across), y: area.y(up), index: position))
            } else if !runs[runs.count - 1].isEmpty {
                runs.append([])
            }
        }
        if runs[runs.count - 1].isEmpty { runs.removeLast() }
        let thinned = SeriesThinning.thin(runs, left: area.left, width: area.width)
        if series.joined && !thinned.isEmpty {
            let data = thinned.map { Self.path($0, steps: series.steps) }.joined()
            drawing.clipped(x: area.left - 1, y: area.top - 1, width: area.width + 2, height: area.height + 2) {
                $0.path(data, stroke: stroke(index))
            }
        }
        let marker = marker(index)
        for point in thinned.joined()
        where xDomain.contains(series.x[point.index]) && yDomain.contains(series.y[point.index]) {
            guard let shape = marker.path(x: point.x, y: point.y) else { break }
            let (x, y) = (NumberText.short(series.x[point.index]), NumberText.short(series.y[point.index]))
            drawing.shape(
                shape, fill: color(index), tooltip: series.name.isEmpty ? "\(x), \(y)" : "\(series.name): \(x), \(y)")
        }
    }

    private static func path(_ points: [SeriesThinning.Point], steps: Bool) -> String {
        let number = Drawing.number
        var data = "M\(number(points[0].x)) \(number(points[0].y))"
        // A lonely point between two gaps is a dot, thanks to round line ends.
        if points.count == 1 { return data + "h0.1" }
        for point in points.dropFirst() {
            data += steps ? "H\(number(point.x))V\(number(point.y))" : "L\(number(point.x)) \(number(point.y))"
        }
        return data
    }

    /// What was left out, so that nothing disappears silently.
    private func dataNotes() -> [String] {
        var notes: [String] = []
        var misplaced = 0
        for series in series {
            misplaced +=
                zip(series.x, series.y).filter { (x.scale == .log10 && $0 <= 0) || (y.scale == .log10 && $1 <= 0) }
                .count
            if series.x.count != series.y.count {
                notes.append(
                    "“\(series.name)” has \(series.x.count) x values and \(series.y.count) y values;"
                        + " the surplus is left out."
                )
            }
        }
        if misplaced > 0 {
            notes.append(
                "\(misplaced) point\(misplaced == 1 ? "" : "s") with a value of zero or less left out:"
                    + " a logarithmic axis cannot show it."
            )
        }
        return notes
    }
}
