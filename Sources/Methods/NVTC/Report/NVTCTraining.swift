import MethodKit
import Reporting

/// What a run's metrics say over its steps: one stretch for each lambda, in the order of training, and its phases.
///
///     let training = NVTCTraining(metrics, layers: layers)
///     training.stretches[1].lambda                            // the lambda that was trained second
///     training.phases                                         // [Mark(step: 1000, label: "2 stages"), ...]
struct NVTCTraining {
    /// The training of one lambda.
    struct Stretch {
        var lambda: Double
        /// Steps of the stretches before.
        var start: Double
        /// Rows of its training, and of validations in it and at its end.
        var rows: [Int] = []
        var validations: [Int] = []
    }

    /// Where something changes, in steps of the whole run.
    struct Mark: Equatable {
        var step: Double
        var label: String
    }

    let stretches: [Stretch]
    /// Steps of the initialization in which another stage begins to be quantized, and in which rates come on.
    let phases: [Mark]
    private let metrics: RunMetrics
    private let layers: NVTCLayers
    private let steps: [Double]

    init(_ metrics: RunMetrics, layers: NVTCLayers) {
        self.metrics = metrics
        self.layers = layers
        let (lambdas, own) = (metrics["lambda"] ?? [], metrics["step"] ?? [])
        var stretches: [Stretch] = []
        var end = 0.0
        for row in lambdas.indices where lambdas[row].isFinite && own.indices.contains(row) && own[row].isFinite {
            if stretches.last?.lambda != lambdas[row] { stretches.append(Stretch(lambda: lambdas[row], start: end)) }
            let index = stretches.count - 1
            if metrics.kinds[row] == "train" { stretches[index].rows.append(row) }
            if metrics.kinds[row] == "validation" { stretches[index].validations.append(row) }
            end = max(end, stretches[index].start + own[row])
        }
        self.stretches = stretches
        var steps = Array(repeating: Double.nan, count: metrics.rows)
        for stretch in stretches {
            for row in stretch.rows + stretch.validations { steps[row] = stretch.start + own[row] }
        }
        self.steps = steps
        phases = Self.phases(stretches, metrics, steps)
    }

    /// A row says what was on up to its step, so that a change came after the row before.
    private static func phases(_ stretches: [Stretch], _ metrics: RunMetrics, _ steps: [Double]) -> [Mark] {
        guard let quantized = metrics["stages"], let rates = metrics["rates"] else { return [] }
        var marks: [Mark] = []
        for stretch in stretches {
            for (row, before) in zip(stretch.rows.dropFirst(), stretch.rows) {
                if rates[row] > rates[before] {
                    marks.append(Mark(step: steps[before], label: "rates on"))
                } else if quantized[row] > quantized[before] {
                    let count = Int(quantized[row])
                    marks.append(Mark(step: steps[before], label: "\(count) stage\(count == 1 ? "" : "s")"))
                }
            }
        }
        return marks
    }

    /// Where a lambda follows another.
    var switches: [Mark] {
        stretches.dropFirst().map { Mark(step: $0.start, label: NVTCLayers.title(lambda: $0.lambda)) }
    }

    private let stepAxis = Axis("Gradient steps of the run")

    // MARK: Charts

    /// A column over the steps, a color for each lambda; nil if the run has no such column.
    /// - Parameter validated: whether the column is known on the validation images too.
    func chart(
        _ column: String, title: String, _ y: Axis, validated: Bool = false, marked: Bool = true
    ) -> LineChart? {
        guard let values = metrics[column], stretches.contains(where: { !$0.rows.isEmpty }) else { return nil }
        var series = stretches.enumerated().map { index, stretch in
            LineChart.Series(
                NVTCLayers.title(lambda: stretch.lambda), x: stretch.rows.map { steps[$0] },
                y: stretch.rows.map { values[$0] }, color: ChartStyle.color(index), marker: Marker.none)
        }
        let measured = stretches.flatMap(\.validations)
        if validated, !measured.isEmpty {
            series.append(
                .init(
                    "validation images", x: measured.map { steps[$0] }, y: measured.map { values[$0] },
                    color: ChartStyle.ink, marker: .circle, joined: false))
        }
        return LineChart(
            title: title, x: stepAxis, y: y, series: series,
            references: phases.map { .vertical($0.step, label: marked ? $0.label : "") })
    }

    /// A column of each layer of a stage over the steps of the whole run, from the step in which the stage is
    /// quantized.
    func chart(_ column: String, stage: Int, title: String, _ y: Axis, scaled: Double = 1) -> LineChart? {
        let rows = stretches.flatMap(\.rows)
        let series = layers.layers(of: stage).enumerated().compactMap { index, layer -> LineChart.Series? in
            guard let values = metrics["\(column).\(layer.name)"], let use = metrics["perplexity.\(layer.name)"] else {
                return nil
            }
            return .init(
                layer.name, x: rows.map { steps[$0] }, y: rows.map { use[$0] > 0 ? scaled * values[$0] : .nan },
                color: ChartStyle.color(index), marker: Marker.none)
        }
        guard series.contains(where: { $0.y.contains(where: \.isFinite) }) else { return nil }
        return LineChart(
            title: title, x: stepAxis, y: y, series: series,
            references: (phases + switches).map { .vertical($0.step, label: "") })
    }
}
