import Training

/// The columns of an NVTC run's metrics: every row has all of them, some without a value.
///
///     NVTCMetrics.row(architecture, ["kind": .text("train"), "step": .integer(100)], headline: "step 100")
enum NVTCMetrics {
    private static let general = [
        "kind", "lambda", "step", "stages", "rates", "learning-rate", "gradient-norm", "loss", "bits-per-pixel",
        "mean-squared-error", "psnr", "quantizer-distance", "revived",
    ]
    private static let perLayer = ["bits-per-pixel", "alive", "perplexity"]

    /// The column of one layer: "alive.2.5".
    static func column(_ name: String, stage: Int, layer: Int) -> String { "\(name).\(stage).\(layer)" }

    static func row(
        _ architecture: NVTCArchitecture, _ values: [String: MetricRow.Value], headline: String
    ) -> MetricRow {
        let layers = architecture.decodingOrder.flatMap { at in
            perLayer.map { column($0, stage: at.stage, layer: at.layer) }
        }
        let names = general + layers
        assert(Set(values.keys).isSubset(of: names))
        return MetricRow(names.map { ($0, values[$0] ?? .missing) }, headline: headline)
    }
}
