import Foundation
import MethodKit
import Reporting

/// The report of a study of one toy source: curves beside the published ones, Bjøntegaard deltas, codewords, cells.
struct ToyReport {
    let run: RunContents
    let record: ToyRecord
    let curves: ToyCurves
    private let deltas: ToyDeltas

    init(run: RunContents, record: ToyRecord, published: PublishedToyCurves) {
        self.run = run
        self.record = record
        curves = ToyCurves(record: record, published: published)
        deltas = ToyDeltas(curves)
    }

    func page() throws -> ReportPage {
        var page = ReportPage(
            title: run.config[Keys.general.title] ?? record.title,
            subtitle: "\(curves.methods.map(\.title).joined(separator: ", ")) on \(ToyCurves.name(record)), "
                + "\(record.dimension) dimensions, \(NumberText.fixed(Double(record.testSamples), decimals: 0)) "
                + "test samples",
            footer: "Written by lloyd train from \(run.name).")
        page.add("Rate and distortion", rateBlocks)
        page.add("Bjøntegaard deltas", deltaBlocks)
        let pictures = try Self.pictures(run, record)
        if !pictures.isEmpty { page.add("Cells", [.paragraph(Self.cellsText), .figureRow(pictures)]) }
        if let alive = curves.alive {
            page.add("Codewords", [.chart(alive, stem: "alive", caption: aliveCaption)])
        }
        page.add("Points and training", trainingBlocks)
        page.sections += SharedSections.closing(run)
        return page
    }

    // MARK: Curves

    private var rateBlocks: [ReportBlock] {
        let origin = curves.published.curves.isEmpty ? "" : " Dashed: published curves. \(curves.published.origin)"
        var blocks: [ReportBlock] = [
            .chart(
                curves.rateDistortion(), stem: "curves",
                caption: "PSNR = −10 log10 of the mean squared error per dimension; nothing is normalized."
                    + (curves.boundQuality(1) == nil ? "" : " Dotted: the rate-distortion bound, 6.02 dB per bit.")
                    + origin)
        ]
        if let differences = curves.differences(), let reference = curves.reference {
            let how =
                reference == .bound
                ? "No code of any dimension reaches zero. Scalar quantization with entropy coding ends 1.53 dB "
                    + "below the bound as the rate grows."
                : "Between the points of \(reference.title) a monotone cubic over the rate; points outside its "
                    + "rates are left out."
            blocks.append(
                .chart(
                    differences, stem: "differences",
                    caption:
                        "What the eye cannot see above: the difference to \(reference.title) at the same rate. \(how)"))
        }
        return blocks
    }

    private var deltaBlocks: [ReportBlock] {
        var blocks: [ReportBlock] = []
        if let table = deltas.publishedTable {
            blocks.append(.table(table))
        } else {
            blocks.append(
                .paragraph(
                    "No published curves of this source are at hand: `report.anchors` in the config, or `--anchors` of "
                        + "`lloyd report`, names a file of them."))
        }
        if let table = deltas.overTable { blocks.append(.table(table)) }
        if !deltas.problems.isEmpty {
            blocks.append(.paragraph("Left undefined: " + deltas.problems.joined(separator: " ")))
        }
        return blocks
    }

    // MARK: Cells and codewords

    static let cellsText =
        "Gray: density. Blue: boundaries of the cells that are encoded alike. Orange: codewords, with areas by their "
        + "probability."

    /// A figure for each point that has a picture.
    static func pictures(
        _ run: RunContents, _ record: ToyRecord, methods: [ToyMethod] = ToyCurves.order, stem: String = "cells"
    ) throws -> [ReportFigure] {
        try methods.flatMap { method in
            let pictured = record.curve(of: method).compactMap { point in point.partition.map { (point, file: $0) } }
            return try pictured.enumerated().map { index, pictured in
                let (point, file) = pictured
                let partition = try ToyPartition(file: run.path + "/" + file)
                let setting =
                    point.lambda.map { "λ = \(NumberText.short($0))" } ?? point.codewords.map { "\($0) codewords" }
                let title = ([method.title] + [setting].compactMap { $0 }).joined(separator: ", ")
                return ReportFigure(
                    PartitionChart(title: title, partition: partition),
                    stem: "\(stem)-\(method.rawValue)" + (index > 0 ? "-\(index + 1)" : ""),
                    caption:
                        "\(method.title): \(NumberText.fixed(point.bitsPerDimension, decimals: 3)) bits per dimension, "
                        + "\(NumberText.fixed(point.psnr, decimals: 2)) dB"
                        + (point.alive.map { ", \($0) \(point.codewords == nil ? "cells" : "codewords") in use" } ?? "")
                        + ".")
            }
        }
    }

    private var aliveCaption: String {
        "Codewords that are ever used. A codeword that is rarely used costs many bits, and so is used even less: the entropy "
            + "constraint lets those die that do not pay."
            + (curves.methods.contains(.ntc)
                ? " For NTC, cells of the scalar quantizer that test samples fell into." : "")
    }

    // MARK: Training

    private var trainingBlocks: [ReportBlock] {
        [.table(points)] + ToyTraining(record: record).sentences.map { .paragraph($0) }
    }

    private var points: ReportTable {
        ReportTable(
            columns: [
                .init("Method"), .init("λ"), .init("Codewords", decimals: 0), .init("Alive", decimals: 0),
                .init("Rate", unit: "bits per dimension", decimals: 4), .init("PSNR", unit: "dB", decimals: 3),
                .init("Rate + λ MSE", decimals: 4), .init("Training samples", decimals: 0),
                .init("Steps", decimals: 0),
            ],
            rows: curves.methods.flatMap { method in
                record.curve(of: method).map { point in
                    [
                        .text(method.title), ToyDeltas.cell(point.lambda),
                        ToyDeltas.cell(point.codewords.map(Double.init)),
                        ToyDeltas.cell(point.alive.map(Double.init)),
                        .number(point.bitsPerDimension), .number(point.psnr),
                        ToyDeltas.cell(point.objective), .number(Double(point.trainingSamples)),
                        .number(Double(point.trainingSteps)),
                    ]
                }
            },
            caption:
                "Every point, measured on \(NumberText.fixed(Double(record.testSamples), decimals: 0)) test samples.")
    }

    // MARK: Data

    /// What report.json holds. The names under "curves" are fixed for scripts.
    func data() throws -> JSONValue {
        [
            "method": "toy", "title": .string(record.title), "source": .string(record.source),
            "dimension": .integer(Int64(record.dimension)), "test-samples": .integer(Int64(record.testSamples)),
            "seed": .integer(Int64(record.seed)), "curves": Self.curves(record),
            "published": .array(curves.published.curves.map(\.json)),
            "published-origin": .string(curves.published.origin), "deltas": deltas.json,
            "points": try JSONValue(encoding: record.points),
        ]
    }

    /// [{"source", "dimension", "method", "bpd", "psnr", "alive"}], lowest rate first.
    static func curves(_ record: ToyRecord) -> JSONValue {
        .array(
            ToyMethod.allCases.compactMap { method in
                let points = record.curve(of: method)
                guard !points.isEmpty else { return nil }
                return [
                    "source": .string(record.source), "dimension": .integer(Int64(record.dimension)),
                    "method": .string(method.rawValue), "bpd": .array(points.map { .number($0.bitsPerDimension) }),
                    "psnr": .array(points.map { .number($0.psnr) }),
                    "alive": .array(points.map { $0.alive.map { .integer(Int64($0)) } ?? .null }),
                ]
            })
    }
}
