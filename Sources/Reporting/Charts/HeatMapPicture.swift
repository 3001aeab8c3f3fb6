/// A heat map's cells as color indices, small enough for the plot, and how they enter the SVG.
package struct HeatMapPicture {
    private let width: Int
    private let height: Int
    /// 0...254 along the color map; 255 has no value.
    private let indices: [UInt8]
    /// Whether a cell has no value.
    package let hasMissing: Bool
    /// What the reader must know of averaged cells; nil if none are.
    package let note: String?

    /// Up to this many rectangles a map stays vector graphics; beyond, it becomes an embedded PNG.
    private static let rectangleLimit = 1500

    /// - Parameter limit: the most cells across and down; more are averaged in blocks.
    package init(_ map: HeatMap, scale: AxisDomain, atMost limit: (Int, Int)) {
        let across = max(1, (map.columnCount + max(1, limit.0) - 1) / max(1, limit.0))
        let down = max(1, (map.rowCount + max(1, limit.1) - 1) / max(1, limit.1))
        width = (map.columnCount + across - 1) / across
        height = (map.rowCount + down - 1) / down
        var indices = [UInt8](repeating: 255, count: width * height)
        for row in 0..<height {
            for column in 0..<width {
                var sum = 0.0
                var count = 0
                for y in row * down..<min(map.rowCount, (row + 1) * down) {
                    for x in column * across..<min(map.columnCount, (column + 1) * across) {
                        let value = map.cells[y * map.columnCount + x]
                        if AxisDomain.shows(value, on: scale.scale) {
                            sum += value
                            count += 1
                        }
                    }
                }
                guard count > 0, let fraction = scale.fraction(sum / Double(count)) else { continue }
                let position = map.firstRowAtBottom ? height - 1 - row : row
                indices[position * width + column] = UInt8((min(1, max(0, fraction)) * 254).rounded())
            }
        }
        self.indices = indices
        hasMissing = indices.contains(255)
        note = across * down > 1 ? "Each drawn cell is the mean of \(down) × \(across) cells (rows × columns)." : nil
    }

    /// Draws the cells, as rectangles or as one picture.
    package func draw(_ area: PlotArea, colors: ColorMap, into drawing: inout Drawing) {
        let palette = (0..<255).map { colors.color(Double($0) / 254) } + [ChartStyle.missing]
        let runs = runs()
        guard runs.count <= Self.rectangleLimit else {
            let picture = CellPicture(width: width, height: height, pixels: indices, palette: palette)
            drawing.image(picture, x: area.left, y: area.top, width: area.width, height: area.height)
            return
        }
        for run in runs {
            let left = area.x(Double(run.start) / Double(width))
            let right = area.x(Double(run.end) / Double(width))
            let top = area.top + area.height * Double(run.row) / Double(height)
            drawing.rectangle(
                x: left, y: top, width: right - left, height: area.height / Double(height),
                fill: palette[Int(run.index)],
                crisp: true)
        }
    }

    /// Neighbors of one color in a row are one rectangle.
    private func runs() -> [(row: Int, start: Int, end: Int, index: UInt8)] {
        var runs: [(row: Int, start: Int, end: Int, index: UInt8)] = []
        for row in 0..<height {
            var start = 0
            for column in 1...max(1, width)
            where column == width || indices[row * width + column] != indices[row * width + start] {
                runs.append((row, start, column, indices[row * width + start]))
                start = column
            }
            if runs.count > Self.rectangleLimit { break }
        }
        return runs
    }
}
