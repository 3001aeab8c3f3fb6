import Foundation
import MethodKit
import Reporting

/// A quantizer of the plane: density in gray, cell boundaries in blue, codewords as orange discs with areas by
/// probability.
///
///     let chart = PartitionChart(title: "ECVQ, λ = 16", partition: try ToyPartition(file: path))
///     let document = chart.svg()
///
/// Both axes have the same scale. Boundaries are traced on the partition's grid and smoothed; a disc of a rare codeword
/// is at least a dot. Source: NVTC paper, figure 2.
struct PartitionChart: Chart {
    var title: String
    private let bounds: ToyPartition.Bounds
    /// In grid steps.
    private let boundaries: [[SIMD2<Float>]]
    private let step: (x: Double, y: Double)
    private let density: CellPicture
    /// Codewords in use that are in the picture.
    private let codewords: [ToyPartition.Codeword]
    /// Half the usual distance of neighboring codewords, in the units of the axes.
    private let reach: Double

    static let densityColors = ColorMap(anchors: [0xFFFFFF, 0xF2F1EF, 0xE2E1DE, 0xD0CFCB, 0xBCBBB6])
    static let boundaryColor = ChartColor(0x2F6FB3)
    static let codewordColor = ChartColor(0xE8830C)
    /// Most rows or columns of the density picture.
    private static let densitySize = 160

    init(title: String, partition: ToyPartition) {
        self.title = title
        bounds = partition.bounds
        boundaries = CellBoundaries(cells: partition.cells, rows: partition.rows, columns: partition.columns).paths
        step = (
            partition.bounds.width / Double(max(1, partition.columns)),
            partition.bounds.height / Double(max(1, partition.rows))
        )
        density = Self.picture(partition)
        let bounds = bounds
        codewords = partition.codewords.filter { codeword in
            codeword.probability > 0 && Double(codeword.x) >= bounds.x && Double(codeword.y) >= bounds.y
                && Double(codeword.x) <= bounds.x + bounds.width && Double(codeword.y) <= bounds.y + bounds.height
        }
        reach = Self.spacing(codewords, bounds) / 2
    }

    /// Densities, averaged in blocks, on a square-root scale: the tails are where cells become interesting.
    private static func picture(_ partition: ToyPartition) -> CellPicture {
        let block = max(1, (max(partition.rows, partition.columns) + densitySize - 1) / densitySize)
        let width = max(1, (partition.columns + block - 1) / block)
        let height = max(1, (partition.rows + block - 1) / block)
        var means = [Float](repeating: 0, count: width * height)
        for row in 0..<partition.rows {
            let down = min(block, partition.rows - row / block * block)
            let line = (height - 1 - row / block) * width
            for column in 0..<partition.columns {
                let value = partition.density[row * partition.columns + column]
                let across = min(block, partition.columns - column / block * block)
                if value.isFinite, value > 0 { means[line + column / block] += value / Float(down * across) }
            }
        }
        let most = means.max() ?? 0
        let pixels = means.map { most > 0 ? UInt8((254 * ($0 / most).squareRoot()).rounded()) : 0 }
        return CellPicture(
            width: width, height: height, pixels: pixels,
            palette: (0..<255).map { densityColors.color(Double($0) / 254) })
    }

    /// The median distance from a codeword to its nearest neighbor.
    private static func spacing(_ codewords: [ToyPartition.Codeword], _ bounds: ToyPartition.Bounds) -> Double {
        // A sample of a large codebook has the same median.
        let sample = stride(from: 0, to: codewords.count, by: max(1, codewords.count / 500)).map { codewords[$0] }
        let distances = sample.compactMap { codeword -> Float? in
            codewords.lazy.filter { $0 != codeword }.map { other in
                let (x, y) = (other.x - codeword.x, other.y - codeword.y)
                return x * x + y * y
            }.min()
        }.sorted()
        guard !distances.isEmpty else { return min(bounds.width, bounds.height) / 8 }
        return Double(distances[distances.count / 2].squareRoot())
    }

    // MARK: Drawing

    func drawing(width: Double) -> Drawing {
        let xDomain = AxisDomain(lower: bounds.x, upper: bounds.x + bounds.width, scale: .linear)
        let yDomain = AxisDomain(lower: bounds.y, upper: bounds.y + bounds.height, scale: .linear)
        var parts = PlotFrame.Parts()
        parts.title = title
        let yTicks = AxisTicks(yDomain, atMost: 7)
        parts.leftMargin = PlotFrame.leftMargin(for: yTicks.major)
        // One scale for both directions; what is left of the width stays empty on the right.
        let room = PlotFrame(width: width, parts: parts).area.width
        let scale = min(room / bounds.width, min(width, 560) / bounds.height)
        parts.plotHeight = scale * bounds.height
        parts.rightMargin = room - scale * bounds.width
        let frame = PlotFrame(width: width, parts: parts)
        let area = frame.area

        var drawing = Drawing(width: width)
        drawing.clipped(x: area.left, y: area.top, width: area.width, height: area.height) { drawing in
            drawing.image(density, x: area.left, y: area.top, width: area.width, height: area.height, smooth: true)
            // Among many small cells thick lines would be all that is seen.
            let line = min(1.1, max(0.35, reach * scale / 10))
            drawing.path(boundaryPath(area, scale), stroke: .init(color: Self.boundaryColor, width: line))
            drawing.shape(discs(area, scale), fill: Self.codewordColor, rim: reach * scale > 6 ? 0.8 : 0.25)
        }
        drawing.rectangle(
            x: area.left, y: area.top, width: area.width, height: area.height, fill: nil,
            stroke: .init(color: ChartStyle.axis))
        frame.drawVerticalTicks(yTicks, yDomain, into: &drawing, grid: false)
        let xTicks = PlotFrame.horizontalTicks(Axis(""), xDomain, width: area.width)
        frame.drawHorizontalTicks(xTicks, xDomain, into: &drawing)
        frame.finish(&drawing)
        return drawing
    }

    /// All boundaries as one path.
    private func boundaryPath(_ area: PlotArea, _ scale: Double) -> String {
        let (across, up) = (step.x * scale, step.y * scale)
        var data = ""
        for path in boundaries {
            for (index, point) in path.enumerated() {
                data += index == 0 ? "M" : "L"
                data += Drawing.number(area.left + Double(point.x) * across) + " "
                data += Drawing.number(area.bottom - Double(point.y) * up)
            }
        }
        return data
    }

    /// All codewords as one path of circles. The most probable one reaches about half way to its cell's edge.
    private func discs(_ area: PlotArea, _ scale: Double) -> String {
        let most = Double(codewords.map(\.probability).max() ?? 1)
        let largest = min(9, max(1, 0.55 * reach * scale))
        let number = Drawing.number
        var data = ""
        for codeword in codewords {
            // Rounded first, so that the arcs meet in circles.
            let radius = (max(0.5, largest * (Double(codeword.probability) / most).squareRoot()) * 10).rounded() / 10
            let x = area.left + (Double(codeword.x) - bounds.x) * scale
            let y = area.bottom - (Double(codeword.y) - bounds.y) * scale
            let (r, d) = (number(radius), number(2 * radius))
            data += "M\(number(x - radius)) \(number(y))a\(r) \(r) 0 1 0 \(d) 0a\(r) \(r) 0 1 0 -\(d) 0z"
        }
        return data
    }
}
