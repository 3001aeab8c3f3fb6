import Foundation
import MethodKit
import Reporting

/// The Bjøntegaard deltas of one run: each method against its published curve, and over ECVQ as the paper's tables have
/// them.
///
///     let deltas = ToyDeltas(curves)
///     deltas.againstPublished                                 // a row for each method that both have
///     ToyDeltas.paper(source: "boomerang", dimension: 2)      // -0.58
struct ToyDeltas {
    struct Row {
        var method: ToyMethod
        var comparison: CurveComparison
    }

    /// Each method of the run against the published curve of the same method.
    let againstPublished: [Row]
    /// Each method of the run over the run's own ECVQ.
    let overECVQ: [Row]
    /// Each published method over the published ECVQ.
    let publishedOverECVQ: [Row]
    let paper: Double?

    init(_ curves: ToyCurves) {
        func rows(
            _ methods: [ToyMethod], _ curve: (ToyMethod) -> RateDistortionCurve?,
            _ anchor: (ToyMethod) -> RateDistortionCurve?
        ) -> [Row] {
            methods.compactMap { method in
                guard let curve = curve(method), let anchor = anchor(method) else { return nil }
                return Row(method: method, comparison: CurveComparison(curve, against: anchor))
            }
        }
        let others = ToyCurves.order.filter { $0 != .ecvq }
        againstPublished = rows(curves.methods, curves.own, curves.published)
        overECVQ = rows(others, curves.own) { _ in curves.own(.ecvq) }
        publishedOverECVQ = rows(others, curves.published) { _ in curves.published(.ecvq) }
        paper = Self.paper(source: curves.record.source, dimension: curves.record.dimension)
    }

    /// BD-PSNR of NTC over ECVQ in dB, as tables 1 and 2 of the NVTC paper print it.
    static func paper(source: String, dimension: Int) -> Double? {
        switch (source, dimension) {
        case ("normaliid", 2): -0.15
        case ("normaliid", 4): -0.31
        case ("normaliid", 8): -0.47
        case ("normaliid", 16): -0.71
        case ("banana", 2): -0.21
        case ("boomerang", 2): -0.58
        default: nil
        }
    }

    func over(_ method: ToyMethod, published: Bool = false) -> CurveComparison? {
        (published ? publishedOverECVQ : overECVQ).first { $0.method == method }?.comparison
    }

    // MARK: Tables

    static func cell(_ value: Double?) -> ReportTable.Cell { value.map { .number($0) } ?? .empty }

    static func text(_ rates: ClosedRange<Double>?) -> ReportTable.Cell {
        guard let rates else { return .empty }
        return .text(
            "\(NumberText.fixed(rates.lowerBound, decimals: 2)) to \(NumberText.fixed(rates.upperBound, decimals: 2))")
    }

    /// Nil if nothing is published.
    var publishedTable: ReportTable? {
        guard !againstPublished.isEmpty else { return nil }
        return ReportTable(
            columns: [
                .init("Method"), .init("BD-PSNR", unit: "dB", decimals: 3), .init("BD-rate", unit: "%", decimals: 2),
                .init("Common rates", unit: "bits per dimension"),
            ],
            rows: againstPublished.map { row in
                [
                    .text(row.method.title), Self.cell(row.comparison.quality), Self.cell(row.comparison.rate),
                    Self.text(row.comparison.rates),
                ]
            },
            caption:
                "This run against the published curve of the same method. Above zero in dB, below zero in percent: "
                + "this run is better.")
    }

    /// Nil if the run has no ECVQ to compare with and nothing is published.
    var overTable: ReportTable? {
        let present = ToyCurves.order.filter { over($0) != nil || over($0, published: true) != nil }
        guard !present.isEmpty else { return nil }
        var columns: [ReportTable.Column] = [
            .init("Method"), .init("This run", unit: "dB", decimals: 3), .init("This run", unit: "% rate", decimals: 2),
            .init("Published curves", unit: "dB", decimals: 3),
            .init("Published curves", unit: "% rate", decimals: 2),
        ]
        if paper != nil { columns.append(.init("Paper's table", unit: "dB", decimals: 2)) }
        return ReportTable(
            columns: columns,
            rows: present.map { method in
                var row: [ReportTable.Cell] = [
                    .text("\(method.title) over ECVQ"), Self.cell(over(method)?.quality), Self.cell(over(method)?.rate),
                    Self.cell(over(method, published: true)?.quality), Self.cell(over(method, published: true)?.rate),
                ]
                if paper != nil { row.append(method == .ntc ? Self.cell(paper) : .empty) }
                return row
            },
            caption: "BD-PSNR and BD-rate over ECVQ. Below zero in dB, above zero in percent: worse than ECVQ."
                + (paper == nil
                    ? ""
                    : " The published points do not give exactly the value that the paper's table prints; the middle "
                        + "columns are computed from them by the same rule as ours."))
    }

    /// What is undefined and why, a sentence each.
    var problems: [String] {
        func list(_ rows: [Row], _ what: (Row) -> String) -> [String] {
            rows.compactMap { row in row.comparison.problem.map { "\(what(row)): \($0)." } }
        }
        return list(againstPublished) { "\($0.method.title) against its published curve" }
            + list(overECVQ) { "\($0.method.title) over ECVQ" }
            + list(publishedOverECVQ) { "published \($0.method.title) over published ECVQ" }
    }

    // MARK: JSON

    private static func json(_ comparison: CurveComparison?) -> JSONValue {
        guard let comparison else { return nil }
        return [
            "bd-psnr": comparison.quality.map { .number($0) } ?? .null,
            "bd-rate": comparison.rate.map { .number($0) } ?? .null,
            "rates": comparison.rates.map { [.number($0.lowerBound), .number($0.upperBound)] } ?? .null,
            "problem": comparison.problem.map { .string($0) } ?? .null,
        ]
    }

    /// For report.json: an object of deltas by method for each kind of comparison, and the paper's value.
    var json: JSONValue {
        func object(_ rows: [Row]) -> JSONValue {
            .object(Dictionary(uniqueKeysWithValues: rows.map { ($0.method.rawValue, Self.json($0.comparison)) }))
        }
        return [
            "against-published": object(againstPublished), "over-ecvq": object(overECVQ),
            "published-over-ecvq": object(publishedOverECVQ),
            "paper-ntc-over-ecvq": paper.map { .number($0) } ?? .null,
        ]
    }
}
