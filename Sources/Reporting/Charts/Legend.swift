/// Names for colors, in rows below the plot or in a column beside it; never on top of data.
package struct Legend {
    /// A name with its key: a piece of the line, or a patch of the color.
    package struct Entry {
        enum Key {
            case line(Drawing.Stroke, Marker)
            case swatch
        }

        var name: String
        var color: ChartColor
        var key: Key
    }

    /// In reading order.
    package var entries: [Entry]

    private static let keyWidth = 35.0
    private static let rowHeight = 20.0

    /// Width in px of the longest entry.
    package var widest: Double {
        Self.keyWidth + (entries.map { TextMetrics.width($0.name, size: ChartStyle.labelSize) }.max() ?? 0)
    }

    /// Entries in equal columns, as many as fit; returns the y below the last row.
    package func draw(into drawing: inout Drawing, x: Double, y: Double, width: Double) -> Double {
        guard !entries.isEmpty else { return y }
        let columns = min(entries.count, max(1, Int((width + 18) / (widest + 18))))
        let rows = (entries.count + columns - 1) / columns
        // Fewer columns with the same number of rows look tidier than a ragged last row.
        let used = (entries.count + rows - 1) / rows
        let step = columns == 1 ? width : min(widest + 18, (width + 18) / Double(used))
        var bottom = y
        for (index, entry) in entries.enumerated() {
            let left = x + Double(index % used) * step
            let baseline = y + Double(index / used) * Self.rowHeight + 14
            draw(entry.key, color: entry.color, at: (left, baseline - 4.5), into: &drawing)
            let room = step - Self.keyWidth
            let name = TextMetrics.truncate(entry.name, width: max(room, 40), size: ChartStyle.labelSize)
            drawing.text(name, x: left + Self.keyWidth, y: baseline)
            bottom = baseline + 6
        }
        return bottom
    }

    private func draw(_ key: Entry.Key, color: ChartColor, at point: (Double, Double), into drawing: inout Drawing) {
        switch key {
        case .line(let stroke, let marker):
            drawing.line(from: (point.0, point.1), to: (point.0 + 28, point.1), stroke: stroke)
            if let shape = marker.path(x: point.0 + 14, y: point.1) { drawing.shape(shape, fill: color) }
        case .swatch:
            drawing.rectangle(x: point.0, y: point.1 - 6, width: 26, height: 12, fill: color)
        }
    }
}

/// The sign at each point of a line.
public enum Marker: Sendable {
    /// A different shape for every series while points are few (up to 25), nothing otherwise.
    case automatic
    case none, circle, square, triangle, diamond

    /// The shapes that series take one after another.
    package static let cycle: [Marker] = [.circle, .square, .triangle, .diamond]

    /// The outline around a point.
    package func path(x: Double, y: Double) -> String? {
        let n = Drawing.number
        switch self {
        case .automatic, .none: return nil
        case .circle:
            return "M\(n(x - 3.6)) \(n(y))a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z"
        case .square:
            return "M\(n(x - 3.3)) \(n(y - 3.3))h6.6v6.6h-6.6z"
        case .triangle:
            return "M\(n(x)) \(n(y - 4.4))l4.2 7.2h-8.4z"
        case .diamond:
            return "M\(n(x)) \(n(y - 4.6))l4.6 4.6l-4.6 4.6l-4.6 -4.6z"
        }
    }
}
