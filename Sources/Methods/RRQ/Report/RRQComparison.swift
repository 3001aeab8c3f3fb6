import MethodKit
import Reporting

/// Several RRQ runs side by side: curves, final figures, super-resolution.
struct RRQComparison {
    private let runs: [FinishedRun<RRQRecord>]
    private let layered: [(name: String, record: RRQRecord)]

    init(runs: [FinishedRun<RRQRecord>]) {
        self.runs = runs
        layered = runs.map { ($0.name, $0.record) }
    }

    var comparison: MethodComparison {
        var result = MethodComparison(data: data)
        result.sections = layerSections()
        return result
    }

    /// What report.json holds of the run of that name, without rate profiles, which are most of a record.
    private func data(_ name: String) throws -> JSONValue {
        guard let run = runs.first(where: { $0.name == name }) else { return .null }
        let layers = run.record.layers.map { layer in
            var layer = layer
            layer.rateProfile = []
            return layer
        }
        return [
            "run": .string(name), "method": .string(RRQMethod.name), "layers": try JSONValue(encoding: layers),
            "qualities": try JSONValue(encoding: run.record.qualities),
            "accounting": try JSONValue(encoding: run.run.accounting),
        ]
    }

    private func layerSections() -> [ReportSection] {
        guard !layered.isEmpty else { return [] }
        func chart(
            _ title: String, _ y: Axis, _ value: (LayerRecord) -> Double?
        ) -> LineChart? {
            let series = layered.compactMap { name, record -> LineChart.Series? in
                let values = record.layers.map { value($0) ?? .nan }
                guard values.contains(where: \.isFinite) else { return nil }
                return .init(name, x: record.layers.map(\.bits), y: values, marker: Marker.none)
            }
            guard !series.isEmpty else { return nil }
            return LineChart(title: title, x: Axis("Rate", unit: "bits per vector"), y: y, series: series)
        }
        let fraction = Axis("Fraction of the energy", scale: .log10)
        var blocks: [ReportBlock] = []
        if let test = chart("Test distortion", fraction, { $0.testDistortion }) {
            blocks.append(.chart(test, stem: "test-distortion"))
        }
        if let psnr = chart("Test PSNR", Axis("Mean PSNR over images", unit: "dB"), { $0.testPSNR }) {
            blocks.append(.chart(psnr, stem: "test-psnr", caption: "Before clipping and rounding to 8 bits."))
        }
        if let train = chart("Training distortion", fraction, { $0.trainDistortion }),
            let active = chart(
                "Size of the active set", Axis("Active dimensions", scale: .log10),
                {
                    Double($0.activeDimensions)
                })
        {
            blocks.append(
                .figureRow([
                    ReportFigure(train, stem: "train-distortion"), ReportFigure(active, stem: "active-sets"),
                ]))
        }
        blocks.append(.table(finals))
        var sections = [ReportSection("Distortion against rate", blocks)]
        if let table = superResolution { sections.append(ReportSection("Super-resolution", [.table(table)])) }
        return sections
    }

    private var finals: ReportTable {
        ReportTable(
            columns: [
                .init("Run"), .init("Layers", decimals: 0), .init("K", decimals: 0),
                .init("Rate", unit: "bits", decimals: 0),
                .init("Entropy", unit: "bits", decimals: 1), .init("Train", decimals: 5, best: .lowest),
                .init("Test", decimals: 5, best: .lowest), .init("Bound", decimals: 5),
                .init("Test PSNR", unit: "dB", decimals: 2, best: .highest),
                .init("8-bit PSNR", unit: "dB", decimals: 2, best: .highest),
            ],
            rows: layered.map { name, record in
                guard let last = record.layers.last else {
                    return [.text(name)] + Array(repeating: .empty, count: 9)
                }
                let rounded = record.qualities.last { $0.restoration == .reconstruction }?.psnr
                return [
                    .text(name), .number(Double(last.layer)), .number(Double(record.codewords)), .number(last.bits),
                    .number(last.entropyBits), .number(last.trainDistortion), cell(last.testDistortion),
                    .number(last.boundDistortion), cell(last.testPSNR), cell(rounded),
                ]
            }, caption: "After the last layer. Distortions are fractions of the set's energy.")
    }

    private func cell(_ value: Double?) -> ReportTable.Cell { value.map { .number($0) } ?? .empty }

    private var superResolution: ReportTable? {
        let present = layered.compactMap { name, record in
            record.superResolutionFactor.map { (name: name, factor: $0, record: record) }
        }
        guard !present.isEmpty else { return nil }
        let kinds = ImageEvaluator.Restoration.allCases.filter { kind in
            kind != .original && kind != .reconstruction
                && present.contains { $0.record.qualities.contains { $0.restoration == kind } }
        }
        return ReportTable(
            columns: [.init("Run"), .init("Factor", decimals: 0)]
                + kinds.map { .init($0.rawValue, unit: "dB", decimals: 2, best: .highest) },
            rows: present.map { name, factor, record in
                [.text(name), .number(Double(factor))]
                    + kinds.map { kind in cell(record.qualities.last { $0.restoration == kind }?.psnr) }
            }, caption: "Mean test PSNR after the last layer, clipped and rounded to 8 bits.")
    }
}
