import Foundation
import MethodKit
import Reporting

/// The report of a codebook study: Table I and Fig. 1 of the RRQ paper.
struct StudyReport {
    let run: RunContents
    let record: CodebookStudyRecord

    /// Table I of the paper, for its source, K and lambdas.
    private static let published: [(method: CodebookStudy.Method, lambda: Double?, train: Double, test: Double)] = [
        (.kmeans, nil, 0.6727, 1.0054), (.random, nil, 0.9393, 0.9394), (.vrKmeans, 0.1, 0.8441, 0.9413),
        (.vrKmeans, 10, 0.8520, 0.9384), (.vrKmeans, 1000, 0.8568, 0.9390),
    ]
    private static let publishedBound = 0.9185

    private var isPublishedSetting: Bool {
        record.dimension == 1000 && record.codewords == 256 && record.trainCount == 1000 && record.decay == 0.01
    }

    static func name(_ method: CodebookStudy.Method, _ lambda: Double?) -> String {
        switch method {
        case .kmeans: "K-means"
        case .random: "Random codewords"
        case .vrKmeans: "VR-Kmeans, λ = \(lambda.map { NumberText.short($0) } ?? "?")"
        }
    }

    func page() -> ReportPage {
        var page = ReportPage(
            title: run.title,
            subtitle: "\(record.codewords) codewords for \(record.dimension) independent Gaussian dimensions, "
                + "mean of \(record.trials) trials",
            footer: "Written by lloyd train from \(run.name).")
        page.add("Distortion on training and test set", [.paragraph(summary), .table(table)])
        page.add("Variances and distortions per dimension", figures)
        page.sections += SharedSections.closing(run)
        return page
    }

    private var summary: String {
        "K-means reaches the lowest distortion on the vectors it was trained on and fails on others. VR-Kmeans holds the "
            + "codebook's variances near the optimum and only uses the \(record.activeDimensions) dimensions above the "
            + "water level γ* = \(String(format: "%.4f", record.waterLevel)). Rate-distortion theory allows no less than "
            + "D* = \(String(format: "%.4f", record.bound)) (reached with infinitely many dimensions)."
    }

    private var table: ReportTable {
        var columns: [ReportTable.Column] = [
            .init("Method"), .init("Train", decimals: 4, best: .lowest), .init("Test", decimals: 4, best: .lowest),
            .init("Test, all trials"), .init("Codewords used", decimals: 1),
        ]
        if isPublishedSetting {
            columns += [.init("Train, paper", decimals: 4), .init("Test, paper", decimals: 4)]
        }
        let rows = record.table.map { row -> [ReportTable.Cell] in
            var cells: [ReportTable.Cell] = [
                .text(Self.name(row.method, row.lambda)), .number(row.train), .number(row.test),
                .text(row.testRange.map { String(format: "%.4f", $0) }.joined(separator: " … ")),
                .number(row.codewordsUsed),
            ]
            if isPublishedSetting {
                let paper = Self.published.first { $0.method == row.method && $0.lambda == row.lambda }
                cells += [paper.map { .number($0.train) } ?? .empty, paper.map { .number($0.test) } ?? .empty]
            }
            return cells
        }
        var bound: [ReportTable.Cell] = ["Bound D*", .number(record.bound), .number(record.bound), .empty, .empty]
        if isPublishedSetting { bound += [.number(Self.publishedBound), .number(Self.publishedBound)] }
        return ReportTable(
            columns: columns, rows: rows + [bound],
            caption: "Distortion as a fraction of the set's energy, \(record.trainCount) training and "
                + "\(record.testCount) test vectors a trial. Bold: the lowest.")
    }

    private var figures: [ReportBlock] {
        let shown = max(1, min(record.dimension, 4 * record.activeDimensions))
        let dimensions = (1...shown).map { Double($0) }
        func curve(_ name: String, _ values: [Double], _ dash: LineChart.Dash? = nil) -> LineChart.Series {
            .init(name, x: dimensions, y: Array(values.prefix(shown)), marker: Marker.none, dash: dash)
        }
        let x = Axis("Dimension j")
        let edge = ReferenceLine.vertical(Double(record.activeDimensions), label: "active set ends")
        let ideal = LineChart(
            title: "(a) What theory asks for", x: x, y: Axis("Variance"),
            series: [
                curve("σ² of the source", record.sourceVariances),
                curve("σ² of the codewords", record.idealCodewordVariances),
                curve("distortion D", record.idealDistortions),
            ], references: [edge, .horizontal(record.waterLevel, label: "γ*")])
        let trained = record.curves.filter { $0.method != .random }
        let variances = LineChart(
            title: "(b) Variances of the codebooks", x: x, y: Axis("Mean squared codeword entry"),
            series: [curve("ideal", record.idealCodewordVariances, .dashed)]
                + trained.map { curve(Self.name($0.method, $0.lambda), $0.codebookVariances) }, references: [edge])
        func distortions(_ title: String, _ key: (CodebookStudyRecord.Curves) -> [Double]) -> LineChart {
            LineChart(
                title: title, x: x, y: Axis("Distortion"),
                series: [curve("ideal D", record.idealDistortions, .dashed)]
                    + trained.map { curve(Self.name($0.method, $0.lambda), key($0)) }, references: [edge])
        }
        return [
            .chart(
                ideal, stem: "variances-ideal",
                caption: "Reverse water-filling (Eq. 1 and 2): dimensions below the water level get no rate."),
            .chart(
                variances, stem: "variances-codebooks",
                caption: "The larger λ, the nearer the codebook's variances are held to the optimum; K-means overfits."),
            .figureRow([
                ReportFigure(
                    distortions("(c) Training distortion", \.trainDistortions), stem: "distortions-train",
                    caption: "K-means drives the training distortion far below what is possible on new data."),
                ReportFigure(
                    distortions("(c) Test distortion", \.testDistortions), stem: "distortions-test",
                    caption: "On new vectors K-means pays for it in every dimension."),
            ]),
        ]
    }

    /// What report.json holds; the names of the table are fixed for scripts.
    func data() -> JSONValue {
        let table = record.table.map { row -> JSONValue in
            [
                "method": .string(row.method.rawValue), "lambda": row.lambda.map { .number($0) } ?? .null,
                "train": .number(row.train), "test": .number(row.test),
                "train-range": .array(row.trainRange.map { .number($0) }),
                "test-range": .array(row.testRange.map { .number($0) }),
            ]
        }
        return [
            "method": "codebook-study", "table1": .array(table), "bound": .number(record.bound),
            "water-level": .number(record.waterLevel), "active-dimensions": .integer(Int64(record.activeDimensions)),
            "trials": .integer(Int64(record.trials)),
        ]
    }
}
