import Foundation

/// The names below the bars: in lines if they fit, otherwise slanted, and only some of very many.
package struct CategoryLabels {
    private enum Way {
        case level([[String]])
        case slanted([String], degrees: Double)
        case some(every: Int)
    }

    private let names: [String]
    private let slot: Double
    private let way: Way
    /// Room needed below the plot, px.
    package let height: Double
    /// Room needed left of the plot so that the first slanted name is not cut, px.
    package let leftOverhang: Double

    private static let size = ChartStyle.labelSize

    /// - Parameter slot: room for a category in px.
    package init(_ names: [String], slot: Double) {
        self.names = names
        self.slot = slot
        let lines = names.map { TextMetrics.wrap($0, width: slot - 6, size: Self.size) }
        let level = lines.allSatisfy { lines in
            lines.count <= 3 && lines.allSatisfy { TextMetrics.width($0, size: Self.size) <= slot - 2 }
        }
        if level {
            way = .level(lines)
            height = 9 + 16 * Double(max(1, lines.map(\.count).max() ?? 1))
            leftOverhang = 0
        } else if slot >= 16 {
            let cut = names.map { TextMetrics.truncate($0, width: 150, size: Self.size) }
            // Neighbors must stay a line's height apart: upright if a gentle slope would be too tight.
            let degrees = slot >= 25 ? 35.0 : 90
            way = .slanted(cut, degrees: degrees)
            let angle = degrees * .pi / 180
            let widest = cut.map { TextMetrics.width($0, size: Self.size) }.max() ?? 0
            height = sin(angle) * widest + 22
            var overhang = 0.0
            for (index, name) in cut.enumerated() {
                let across = cos(angle) * TextMetrics.width(name, size: Self.size)
                overhang = max(overhang, across - (Double(index) + 0.5) * slot)
            }
            leftOverhang = overhang + 10
        } else {
            let widest = names.map { TextMetrics.width($0, size: Self.size) }.max() ?? 0
            way = .some(every: Self.roundStride(min(widest + 14, 160) / max(slot, 1e-3)))
            height = 25
            leftOverhang = 0
        }
    }

    /// The next of 1, 2, 5, 10, 20, 50 ...
    private static func roundStride(_ least: Double) -> Int {
        var power = 1
        while true {
            for mantissa in [1, 2, 5] where Double(mantissa * power) >= least { return mantissa * power }
            power *= 10
        }
    }

    /// Draws the names below the plot.
    package func draw(_ area: PlotArea, into drawing: inout Drawing) {
        for (index, name) in names.enumerated() {
            let x = area.left + (Double(index) + 0.5) * area.width / Double(max(1, names.count))
            switch way {
            case .level(let lines):
                for (row, line) in lines[index].enumerated() {
                    drawing.text(line, x: x, y: area.bottom + 18 + 16 * Double(row), size: Self.size, anchor: .middle)
                }
            case .slanted(let cut, let degrees):
                drawing.text(
                    cut[index], x: x + 4, y: area.bottom + (degrees > 60 ? 8 : 16), size: Self.size, anchor: .end,
                    rotation: -degrees)
            case .some(let every):
                guard index % every == 0 else { continue }
                drawing.line(from: (x, area.bottom), to: (x, area.bottom + 4), stroke: .init(color: ChartStyle.axis))
                let text = TextMetrics.truncate(name, width: 150, size: Self.size)
                drawing.text(text, x: x, y: area.bottom + 18, size: Self.size, anchor: .middle)
            }
        }
    }
}
