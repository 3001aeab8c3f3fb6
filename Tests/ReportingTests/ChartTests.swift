import Foundation
import Testing

@testable import Reporting

@Suite struct ChartTests {
    let difficult = "a<b & \"c\" 'd' > e \u{1} ]]> λ 漢"

    func check(_ chart: any Chart, sourceLocation: SourceLocation = #_sourceLocation) -> XMLReading {
        for width in [360.0, 720] {
            let svg = chart.svg(width: width)
            let xml = XMLReading(svg)
            #expect(xml.problem == nil, sourceLocation: sourceLocation)
            #expect(hasOnlyNumbers(svg), sourceLocation: sourceLocation)
            #expect(Double(xml.elements[0].attributes["height"] ?? "") ?? 0 > 100, sourceLocation: sourceLocation)
            for element in xml.elements where element.name == "text" {
                // Readable: no letters below 12 px, and none outside the figure.
                let size = Double(element.attributes["font-size"] ?? "") ?? 0
                let x = Double(element.attributes["x"] ?? "") ?? -1
                let y = Double(element.attributes["y"] ?? "") ?? -1
                #expect(size >= 12, sourceLocation: sourceLocation)
                #expect(x >= 0 && x <= width && y >= 0, sourceLocation: sourceLocation)
                #expect(y <= Double(xml.elements[0].attributes["height"]!)!, sourceLocation: sourceLocation)
            }
        }
        return XMLReading(chart.svg())
    }

    @Test func textIsEscaped() {
        let axis = Axis(difficult, unit: difficult)
        let line = LineChart(
            title: difficult, x: axis, y: axis, series: [.init(difficult, y: [1, 2])],
            references: [.horizontal(1.5, label: difficult), .vertical(1.5, label: difficult)])
        let shown = check(line).texts.joined(separator: " ")
        #expect(shown.contains("a<b & \"c\" 'd' > e"))
        #expect(shown.contains("λ 漢"))
        _ = check(BarChart(title: difficult, y: axis, categories: [difficult], series: [.init(difficult, [1])]))
        _ = check(HeatMap(title: difficult, x: axis, y: axis, value: axis, rows: [[1, 2]]))
    }

    @Test func gapsForNaN() {
        let chart = LineChart(
            title: "", x: Axis("x"), y: Axis("y"),
            series: [.init("s", y: [1, 2, .nan, 4, .infinity, 6, 7], marker: Marker.none)])
        let path = check(chart).elements.first { $0.name == "path" }?.attributes["d"] ?? ""
        // Three runs; the middle one is a dot.
        #expect(path.filter { $0 == "M" }.count == 3)
        #expect(path.contains("h0.1"))
    }

    @Test func logarithmicAxisLeavesOutZeros() {
        let chart = LineChart(
            title: "t", x: Axis("x"), y: Axis("y", scale: .log10), series: [.init("s", y: [1, 0.1, 0, -3, 0.01])])
        let xml = check(chart)
        #expect(xml.texts.contains { $0.contains("2 points with a value of zero or less left out") })
        let linear = LineChart(title: "t", x: Axis("x"), y: Axis("y"), series: [.init("s", y: [1, 0.1, 0, -3])])
        #expect(!check(linear).texts.contains { $0.contains("left out") })
    }

    @Test func emptyChartsSayIt() {
        for series in [[], [LineChart.Series("s", y: [])], [.init("s", y: [.nan, .infinity])]] {
            let chart = LineChart(title: "t", x: Axis("x"), y: Axis("y", scale: .log10), series: series)
            #expect(check(chart).texts.contains("no data"))
        }
        #expect(check(BarChart(title: "t", y: Axis("y"), categories: [], series: [])).texts.contains("no data"))
        let heat = HeatMap(title: "t", x: Axis("x"), y: Axis("y"), value: Axis("v"), rows: [])
        #expect(check(heat).texts.contains("no data"))
    }

    @Test func surplusValuesAreSaid() {
        let chart = LineChart(title: "t", x: Axis("x"), y: Axis("y"), series: [.init("s", x: [1, 2, 3], y: [1, 2])])
        #expect(check(chart).texts.contains { $0.contains("3 x values and 2 y values") })
        let bars = BarChart(title: "t", y: Axis("y"), categories: ["a", "b"], series: [.init("s", [1, 2, 3])])
        #expect(check(bars).texts.contains { $0.contains("3 values for 2 categories") })
    }

    @Test func longSeriesAreThinnedWithoutLosingExtremes() {
        var values = (0..<200_000).map { sin(Double($0) / 2000) }
        values[123_457] = 50
        values[177_777] = -50
        let points = values.enumerated().map { SeriesThinning.Point(x: Double($0) / 400, y: $1, index: $0) }
        let thinned = SeriesThinning.thin([points], left: 0, width: 500)[0]
        #expect(thinned.count <= SeriesThinning.limit)
        #expect(thinned.contains { $0.index == 123_457 } && thinned.contains { $0.index == 177_777 })
        #expect(thinned.first?.index == 0 && thinned.last?.index == 199_999)
        #expect(zip(thinned.dropFirst(), thinned).allSatisfy { $0.index > $1.index })
        let svg = LineChart(title: "t", x: Axis("x"), y: Axis("y"), series: [.init("s", y: values)]).svg()
        #expect(svg.utf8.count < 40_000)
        // Short series stay as they are.
        #expect(SeriesThinning.thin([Array(points[..<2000])], left: 0, width: 500)[0].count == 2000)
    }

    @Test func thinningKeepsGapsAndSmallRuns() {
        let runs = (0..<300).map { run in
            (0..<30).map { SeriesThinning.Point(x: Double(run * 31 + $0), y: Double($0), index: run * 31 + $0) }
        }
        let thinned = SeriesThinning.thin(runs, left: 0, width: 500)
        #expect(thinned.count == 300)
        #expect(thinned.reduce(0) { $0 + $1.count } <= SeriesThinning.limit)
    }

    @Test func stackedBarsAddUp() {
        let chart = BarChart(
            title: "t", y: Axis("y"), categories: ["a", "b"],
            series: [.init("s", [1, -1]), .init("t", [2, .nan]), .init("u", [3, 4])], arrangement: .stacked)
        let bars = chart.bars()
        #expect(bars.map(\.from) == [0, 1, 3, 0, 0])
        #expect(bars.map(\.to) == [1, 3, 6, -1, 4])
        _ = check(chart)
    }

    @Test func barsOfEveryCount() {
        for count in [1, 6, 14, 40, 300] {
            let names = (0..<count).map { "category number \($0)" }
            let chart = BarChart(
                title: "t", y: Axis("y"), categories: names,
                series: [.init("s", (0..<count).map { Double($0 % 7) - 2 })])
            let rectangles = check(chart).elements.filter { $0.name == "rect" }
            #expect(rectangles.count == count + 1)
        }
    }

    @Test func heatMapStaysSmall() {
        let rows = (0..<100).map { row in (0..<512).map { sin(Double(row * $0)) } }
        let chart = HeatMap(title: "t", x: Axis("x"), y: Axis("y"), value: Axis("v"), rows: rows)
        let svg = chart.svg()
        #expect(svg.utf8.count < 300_000)
        #expect(check(chart).count("image") == 1)
        // A map with more cells than pixels is averaged, and says so.
        let wide = HeatMap(
            title: "t", x: Axis("x"), y: Axis("y"), value: Axis("v"), columns: 5000,
            values: (0..<500_000).map { Double($0 % 5000) })
        #expect(wide.svg().utf8.count < 400_000)
        #expect(check(wide).texts.contains { $0.contains("is the mean of") })
    }

    @Test func smallHeatMapsAreVectors() {
        let chart = HeatMap(
            title: "t", x: Axis("x"), y: Axis("y"), value: Axis("v", scale: .log10),
            rows: [[1, 10, 10], [100, .nan], [0, 1, 1]], colors: .blues)
        let xml = check(chart)
        #expect(xml.count("image") == 0)
        let fills = xml.elements.filter { $0.attributes["shape-rendering"] == "crispEdges" }.map {
            $0.attributes["fill"]!
        }
        // Neighbors of one color are one rectangle; NaN, a missing cell and zero are gray.
        // (The color bar's follow.)
        #expect(fills.prefix(6) == ["#f7fbff", "#6baed6", "#08306b", "#d9d9d9", "#d9d9d9", "#f7fbff"])
        #expect(xml.texts.contains("no value"))
        #expect(xml.texts.filter { ["1", "2", "3"].contains($0) }.count >= 6)
    }

    @Test func viridisAtItsEnds() {
        #expect(ColorMap.viridis.color(-1).hex == "#440154")
        #expect(ColorMap.viridis.color(2).hex == "#fde725")
        // matplotlib 3: matplotlib.colormaps["viridis"](0.5) is (0.128, 0.567, 0.551); anchors are that close.
        let middle = ColorMap.viridis.color(0.5)
        #expect(
            abs(Int(middle.red) - 33) <= 3 && abs(Int(middle.green) - 145) <= 3 && abs(Int(middle.blue) - 140) <= 3)
    }

    /// Labels above the plot touch neither each other nor another line.
    @Test func referenceLabelsKeepApart() {
        let lines = ReferenceLines(
            [10, 11, 12, 50, 98, 99].map { .vertical($0, label: "a label of \($0)") }, width: 720)
        let domain = AxisDomain(lower: 0, upper: 100, scale: .linear)
        let labels = lines.topLabels(domain, area: PlotArea(left: 40, top: 100, right: 700, bottom: 400))
        #expect(labels.count == 6)
        for (index, label) in labels {
            #expect(label.left >= 0 && label.right <= 720)
            for (other, neighbor) in labels where other != index && neighbor.row == label.row {
                #expect(label.right < neighbor.left || neighbor.right < label.left)
            }
        }
    }
}
