import Foundation

/// Bars over named categories, side by side or stacked.
///
///     let chart = BarChart(
///         title: "Where the time went", y: Axis("Time", unit: "s"), categories: ["map", "reduce", "update"],
///         series: [.init("rank 0", [41.2, 2.0, 0.4]), .init("rank 1", [40.8, 2.1, 0.4])], arrangement: .grouped)
///
/// A NaN has no bar. On a linear axis bars start at zero; on a logarithmic one at its lower end; bars of zero or
/// less are left out, and the chart says so. Value labels appear when every one of them fits.
public struct BarChart: Chart {
    /// Where the bars of one category stand: side by side, or on top of each other.
    public enum Arrangement: Sendable { case grouped, stacked }

    /// One color: a value for each category.
    public struct Series: Sendable {
        /// For the legend; empty for none.
        public var name: String
        /// In the axis' units, one for each category; NaN has no bar.
        public var values: [Double]
        /// Nil for the next color of the palette.
        public var color: ChartColor?

        public init(_ name: String, _ values: [Double], color: ChartColor? = nil) {
            self.name = name
            self.values = values
            self.color = color
        }
    }

    /// The heading.
    public var title: String
    /// The axis of the values.
    public var y: Axis
    /// The title below the categories.
    public var categoryTitle: String
    /// Names below the bars, from left to right.
    public var categories: [String]
    /// One color each, from left to right or from bottom to top.
    public var series: [Series]
    /// Side by side or stacked.
    public var arrangement: Arrangement
    /// Horizontal lines across the plot.
    public var references: [ReferenceLine]
    /// Significant digits of value labels; 0 shows none.
    public var labelDigits: Int

    public init(
        title: String, y: Axis, categories: [String], series: [Series], arrangement: Arrangement = .grouped,
        categoryTitle: String = "", references: [ReferenceLine] = [], labelDigits: Int = 3
    ) {
        self.title = title
        self.y = y
        self.categories = categories
        self.series = series
        self.arrangement = arrangement
        self.categoryTitle = categoryTitle
        self.references = references.filter { $0.direction == .horizontal }
        self.labelDigits = labelDigits
    }

    /// A bar in the axis' units.
    package struct Bar {
        var category: Int
        var series: Int
        var from: Double
        var to: Double
        var value: Double
    }

    public func drawing(width: Double) -> Drawing {
        let bars = bars()
        let lines = ReferenceLines(references, width: width)
        let ends = bars.flatMap { [$0.from, $0.to] }.filter { AxisDomain.shows($0, on: y.scale) }
        let (domain, note) = y.domain(of: ends + lines.values(.horizontal), fit: .fromZero)

        var parts = PlotFrame.Parts()
        parts.title = title
        parts.xTitle = categoryTitle
        parts.yTitle = y.label
        parts.plotHeight = PlotFrame.plotHeight(width)
        parts.rightMargin = lines.rightMargin
        let named = series.indices.filter { !series[$0].name.isEmpty }
        if series.count > 1 || !lines.legendEntries.isEmpty {
            let entries = named.map { Legend.Entry(name: series[$0].name, color: color($0), key: .swatch) }
            parts.legend = Legend(entries: entries + lines.legendEntries)
        }
        let omitted = y.scale == .log10 ? series.reduce(0) { $0 + $1.values.filter { $0 <= 0 }.count } : 0
        parts.notes = [note].compactMap { $0 }
        if omitted > 0 {
            parts.notes.append("\(omitted) value(s) of zero or less left out: a logarithmic axis cannot show them.")
        }
        if let odd = series.first(where: { $0.values.count != categories.count }) {
            parts.notes.append("“\(odd.name)” has \(odd.values.count) values for \(categories.count) categories.")
        }
        let ticks = AxisTicks(domain, atMost: max(3, Int(parts.plotHeight / 40)), wanted: y.ticks)
        parts.leftMargin = PlotFrame.leftMargin(for: ticks.major)
        let room = width - PlotFrame.rightEdge - parts.rightMargin - parts.leftMargin
        let names = CategoryLabels(categories, slot: room / Double(max(1, categories.count)))
        parts.bottomMargin = names.height
        parts.leftMargin = max(parts.leftMargin, names.leftOverhang)
        let frame = PlotFrame(width: width, parts: parts)

        var drawing = Drawing(width: width)
        frame.drawVerticalTicks(ticks, domain, into: &drawing)
        draw(bars, frame.area, domain, into: &drawing)
        if domain.scale == .linear, let zero = domain.fraction(0), zero > 0, zero < 1 {
            let y = frame.area.y(zero)
            drawing.line(from: (frame.area.left, y), to: (frame.area.right, y), stroke: .init(color: ChartStyle.axis))
        } else {
            frame.drawBaseLine(into: &drawing)
        }
        lines.draw(frame, x: nil, y: domain, labels: [:], into: &drawing)
        names.draw(frame.area, into: &drawing)
        if bars.isEmpty { frame.drawEmptiness(into: &drawing) }
        frame.finish(&drawing)
        return drawing
    }

    private func color(_ index: Int) -> ChartColor { series[index].color ?? ChartStyle.color(index) }

    /// Stacks grow upward from positive and downward from negative values.
    package func bars() -> [Bar] {
        var bars: [Bar] = []
        for category in categories.indices {
            var (above, below) = (0.0, 0.0)
            for index in series.indices where category < series[index].values.count {
                let value = series[index].values[category]
                guard AxisDomain.shows(value, on: y.scale) else { continue }
                var from = 0.0
                if arrangement == .stacked {
                    from = value < 0 ? below : above
                    if value < 0 { below += value } else { above += value }
                }
                bars.append(Bar(category: category, series: index, from: from, to: from + value, value: value))
            }
        }
        return bars
    }

    private func draw(_ bars: [Bar], _ area: PlotArea, _ domain: AxisDomain, into drawing: inout Drawing) {
        let slot = area.width / Double(max(1, categories.count))
        let side = arrangement == .stacked ? 1 : max(1, series.count)
        // Hundreds of bars stand close, or the gaps between them would flicker.
        let share = slot < 6 * Double(side) ? 1 : 0.78
        let thickness = max(0.2, min(64, share * slot / Double(side)))
        var labels: [(text: String, x: Double, y: Double, width: Double, light: Bool, fits: Bool)] = []
        for bar in bars {
            let group = area.left + (Double(bar.category) + 0.5) * slot - thickness * Double(side) / 2
            let x = group + (arrangement == .stacked ? 0 : Double(bar.series) * thickness)
            // A bar that leaves the axis' ends is cut there; from zero means from the lower end on a logarithmic axis.
            let low = min(1, max(0, domain.fraction(bar.from) ?? 0))
            let high = min(1, max(0, domain.fraction(bar.to) ?? 0))
            let top = area.y(max(low, high))
            let height = abs(high - low) * area.height
            let gap = thickness > 8 ? 1.0 : 0
            let name = series[bar.series].name
            let number = NumberText.short(bar.value)
            drawing.rectangle(
                x: x + gap / 2, y: top, width: thickness - gap, height: height, fill: color(bar.series),
                tooltip: "\(categories[bar.category])\(name.isEmpty ? "" : ", \(name)"): \(number)")
            let text = NumberText.short(bar.value, significant: max(1, labelDigits))
            let wide = TextMetrics.width(text, size: ChartStyle.smallSize)
            if arrangement == .stacked {
                labels.append(
                    (
                        text, x + thickness / 2, top + height / 2 + 4, wide, color(bar.series).wantsLightText,
                        wide <= thickness - 4 && height >= 16
                    ))
            } else {
                let y = bar.value < 0 ? top + height + 13 : top - 4
                labels.append((text, x + thickness / 2, y, wide, false, wide <= thickness + 2))
            }
        }
        // Side by side, labels on some bars only would look like a selection; in a stack the thin parts have none.
        guard labelDigits > 0, arrangement == .stacked || labels.allSatisfy(\.fits) else { return }
        for label in labels where label.fits {
            drawing.text(
                label.text, x: label.x, y: label.y, size: ChartStyle.smallSize,
                color: label.light ? ChartColor(0xFFFFFF) : ChartStyle.ink, anchor: .middle)
        }
    }
}
