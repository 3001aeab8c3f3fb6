import Foundation
import MethodKit
import Reporting

/// Several toy sources in one report: tables 1 and 2 of the NVTC paper, all curves as small charts, the cells of ECVQ
/// and NTC side by side.
struct ToyComparison {
    /// One run of the comparison.
    struct Study {
        var name: String
        var run: RunContents
        var record: ToyRecord
        var curves: ToyCurves
        var deltas: ToyDeltas
    }

    let studies: [Study]

    /// - Parameter published: curves to compare with instead of those that each run was given.
    init(_ runs: [FinishedRun<ToyRecord>], published: PublishedToyCurves?) throws {
        studies = try runs.map { finished in
            let (name, run, record) = (finished.name, finished.run, finished.record)
            let curves = ToyCurves(record: record, published: try published ?? run.publishedCurves())
            return Study(name: name, run: run, record: record, curves: curves, deltas: ToyDeltas(curves))
        }
    }

    func sections() throws -> [ReportSection] {
        guard !studies.isEmpty else { return [] }
        var sections = [ReportSection("NTC over ECVQ: tables 1 and 2", tables)]
        if let table = publishedTable {
            sections.append(ReportSection("Against the published curves", [.table(table)]))
        }
        sections.append(
            ReportSection(
                "PSNR against rate",
                [
                    .paragraph(Self.dashes),
                    .figureRow(
                        small("curves") {
                            $0.curves.rateDistortion(title: title($0))
                        }),
                ]))
        let differences = small("differences") { study in
            study.curves.differences(title: title(study))
        }
        if !differences.isEmpty {
            sections.append(
                ReportSection(
                    "What the eye cannot see there",
                    [
                        .paragraph(
                            "PSNR minus that of the published ECVQ curve at the same rate; for Gaussians, minus the "
                                + "rate-distortion bound. " + Self.dashes), .figureRow(differences),
                    ]))
        }
        let cells = try cellBlocks()
        if !cells.isEmpty { sections.append(ReportSection("Cells of ECVQ and NTC", cells)) }
        return sections
    }

    private static let dashes = "Solid lines with markers: Lloyd. Dashed: the published curve of the same method."

    private func title(_ study: Study) -> String {
        let isAlone =
            studies.filter { $0.record.source == study.record.source && $0.record.dimension == study.record.dimension }
            .count == 1
        return isAlone ? ToyCurves.name(study.record) : "\(ToyCurves.name(study.record)) (\(study.name))"
    }

    // MARK: Tables

    private var tables: [ReportBlock] {
        let first: [(String, String, Int)] = [2, 4, 8, 16].map { ("\($0)d", "normaliid", $0) }
        let second: [(String, String, Int)] = [
            ("IG", "normaliid", 2), ("Banana", "banana", 2), ("Boomerang", "boomerang", 2),
        ]
        var others: [(String, String, Int)] = []
        for study in studies {
            let (source, dimension) = (study.record.source, study.record.dimension)
            guard !(first + second + others).contains(where: { $0.1 == source && $0.2 == dimension }) else { continue }
            others.append((ToyCurves.name(study.record), source, dimension))
        }
        var blocks: [ReportBlock] = []
        if let table = table(
            first, "Table 1 of the paper. BD-PSNR of NTC over ECVQ in dB on isotropic Gaussians; smaller is worse.")
        {
            blocks.append(.table(table))
        }
        if let table = table(second, "Table 2 of the paper. The same on 2-D sources; IG is the isotropic Gaussian.") {
            blocks.append(.table(table))
        }
        if let table = table(others, "The same on the other sources, which the paper's tables leave out.") {
            blocks.append(.table(table))
        }
        let problems = studies.flatMap { study in study.deltas.problems.map { "\(title(study)): \($0)" } }
        if !problems.isEmpty { blocks.append(.paragraph("Left undefined: " + problems.joined(separator: " "))) }
        return blocks
    }

    /// Sources across, as in the paper; nil if no run has any of them.
    private func table(_ columns: [(title: String, source: String, dimension: Int)], _ caption: String) -> ReportTable?
    {
        let found = columns.map { column in
            studies.filter { $0.record.source == column.source && $0.record.dimension == column.dimension }
        }
        let most = found.map(\.count).max() ?? 0
        guard most > 0 else { return nil }
        // The same source several times: a row for each.
        var rows = (0..<most).map { index -> [ReportTable.Cell] in
            [.text(most == 1 ? "Lloyd" : "Lloyd, run \(index + 1)")]
                + found.map {
                    $0.indices.contains(index) ? ToyDeltas.cell($0[index].deltas.over(.ntc)?.quality) : .empty
                }
        }
        func add(_ name: String, _ values: [Double?]) {
            if values.contains(where: { $0 != nil }) { rows.append([.text(name)] + values.map(ToyDeltas.cell)) }
        }
        add("Published curves", found.map { $0.first?.deltas.over(.ntc, published: true)?.quality })
        add("Paper", columns.map { ToyDeltas.paper(source: $0.source, dimension: $0.dimension) })
        return ReportTable(
            columns: [.init("BD-PSNR")] + columns.map { .init($0.title, unit: "dB", decimals: 2) }, rows: rows,
            caption: caption)
    }

    private var publishedTable: ReportTable? {
        let methods = ToyCurves.order.filter { method in
            studies.contains { $0.deltas.againstPublished.contains { $0.method == method } }
        }
        guard !methods.isEmpty else { return nil }
        return ReportTable(
            columns: [.init("Source")] + methods.map { .init($0.title, unit: "dB", decimals: 3) },
            rows: studies.map { study in
                [.text(title(study))]
                    + methods.map { method in
                        ToyDeltas.cell(study.deltas.againstPublished.first { $0.method == method }?.comparison.quality)
                    }
            },
            caption: "BD-PSNR of each method against the published curve of the same method; above zero: better than "
                + "published.")
    }

    // MARK: Figures

    private func small(_ stem: String, _ chart: (Study) -> LineChart?) -> [ReportFigure] {
        studies.enumerated().compactMap { index, study in
            chart(study).map { ReportFigure($0, stem: "\(stem)-\(self.stem(index))") }
        }
    }

    /// Source and dimension, and a number if a source is there again.
    private func stem(_ index: Int) -> String {
        func plain(_ study: Study) -> String { "\(study.record.source)-\(study.record.dimension)d" }
        let own = plain(studies[index])
        let earlier = studies[..<index].filter { plain($0) == own }.count
        return earlier == 0 ? own : "\(own)-\(earlier + 1)"
    }

    /// A row for each source that has pictures of both, and those of one after them.
    private func cellBlocks() throws -> [ReportBlock] {
        var blocks: [ReportBlock] = []
        for (index, study) in studies.enumerated() {
            let figures = try ToyReport.pictures(
                study.run, study.record, methods: [.ecvq, .ntc], stem: "cells-\(stem(index))")
            guard !figures.isEmpty else { continue }
            let titled = figures.map { figure -> ReportFigure in
                var figure = figure
                if var chart = figure.chart as? PartitionChart {
                    chart.title = "\(title(study)): \(chart.title)"
                    figure.chart = chart
                }
                return figure
            }
            blocks.append(.figureRow(titled))
        }
        return blocks.isEmpty ? [] : [.paragraph(ToyReport.cellsText)] + blocks
    }

    // MARK: Data

    /// What report.json holds of the run of that name.
    func data(_ name: String) throws -> JSONValue {
        guard let study = studies.first(where: { $0.name == name }) else { return nil }
        return [
            "run": .string(name), "method": "toy", "source": .string(study.record.source),
            "dimension": .integer(Int64(study.record.dimension)), "curves": ToyReport.curves(study.record),
            "published": .array(study.curves.published.curves.map(\.json)), "deltas": study.deltas.json,
            "accounting": try JSONValue(encoding: study.run.accounting),
        ]
    }
}
