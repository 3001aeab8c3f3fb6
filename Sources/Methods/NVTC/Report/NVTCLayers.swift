import MethodKit
import Reporting

/// The layers of a model as reports name, color and chart them, in the order of decoding.
///
///     let layers = NVTCLayers(record.architecture)
///     layers.all[0].title                                     // "2.5 (1/16)": stage 2, layer 5, at 1/16 of the resolution
///     layers.shares(record.points[0])                         // percent of the bits, a number for each layer
struct NVTCLayers {
    struct Layer {
        var stage: Int
        var layer: Int
        /// "2.5": stage and layer, as in the metrics.
        var name: String
        /// Name and resolution.
        var title: String
        /// Pixels of the image along a side that one vector stands for.
        var factor: Int
        var color: ChartColor
    }

    let all: [Layer]
    let architecture: NVTCArchitecture

    init(_ architecture: NVTCArchitecture) {
        self.architecture = architecture
        var factors: [Int] = []
        for stage in architecture.stages { factors.append((factors.last ?? 1) * stage.factor) }
        all = architecture.decodingOrder.map { stage, layer in
            Layer(
                stage: stage, layer: layer, name: "\(stage).\(layer)", title: "\(stage).\(layer) (1/\(factors[stage]))",
                factor: factors[stage],
                color: Self.color(
                    stage: architecture.stages.count - 1 - stage, depth: architecture.stages[stage].layers - 1 - layer,
                    of: architecture.stages[stage].layers))
        }
    }

    /// A color for each stage, paler from layer to layer.
    private static func color(stage: Int, depth: Int, of layers: Int) -> ChartColor {
        let base = ChartStyle.color(stage)
        let share = layers > 1 ? 0.68 * Double(depth) / Double(layers - 1) : 0
        func mixed(_ value: UInt8) -> UInt8 { UInt8(Double(value) + share * (255 - Double(value))) }
        return ChartColor(red: mixed(base.red), green: mixed(base.green), blue: mixed(base.blue))
    }

    /// Stages from the coarsest, which is decoded first.
    var stages: [Int] { architecture.stages.indices.reversed() }

    func layers(of stage: Int) -> [Layer] { all.filter { $0.stage == stage } }

    static let naming =
        "Layers are named by stage and layer, as in the metrics; in brackets the stage's resolution. Stage 0 is the finest; "
        + "the last stage's last layer is decoded first."

    // MARK: Fig. 6

    /// Percent of a point's bits in each layer.
    func shares(_ point: NVTCRecord.Point) -> [Double] {
        let whole = point.layers.reduce(0) { $0 + $1.bitsPerPixel }
        return point.layers.map { whole > 0 ? 100 * $0.bitsPerPixel / whole : .nan }
    }

    /// Shares of bits as stacked bars, one for each named point; the first layer in decoding order at the bottom.
    func allocation(title: String = "Bits of each layer", _ points: [(name: String, point: NVTCRecord.Point)])
        -> BarChart
    {
        let shares = points.map { self.shares($0.point) }
        return BarChart(
            title: title, y: Axis("Share of the bits", unit: "%", to: 100), categories: points.map(\.name),
            series: all.indices.map { index in
                BarChart.Series(all[index].title, shares.map { $0[index] }, color: all[index].color)
            }, arrangement: .stacked, labelDigits: points.count > 6 ? 0 : 2)
    }

    static let allocationCaption =
        "As Fig. 6 of the NVTC paper: share of the bits in each layer, mean over the validation images, in the order of "
        + "decoding from the bottom. " + naming

    static func title(lambda: Double) -> String { "λ = \(NumberText.short(lambda, significant: 6))" }
}
