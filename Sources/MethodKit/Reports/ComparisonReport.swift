import Codec
import Foundation
import Reporting

/// Finished runs and evaluations side by side: curves, final figures, costs, and where the runs' configs differ.
///
///     let report = try ComparisonReport(
///         ["runs/a", "runs/b", "Reports/classical-kodak"], title: "a, b and others", reference: "JPEG",
///         schema: schema)
///     try report.write(to: "Reports/a-against-b")
public struct ComparisonReport {
    private let paths: [String]
    /// Files and folders that the report is made of.
    private let inputs: [String]
    private let runs: [RunContents]
    private let names: [String]
    private let title: String
    private let options: String
    /// What each method of the runs says, in the order of the list of methods.
    private let comparisons: [(method: String, comparison: MethodComparison)]
    private let codecs: CodecComparison
    private let crops: CodecCrops?

    /// - Parameters:
    ///   - paths: run folders, evaluation files and folders of these, in any order.
    ///   - anchors: file or folder of published curves for toy sources or image codecs, instead of the runs' own copies.
    ///   - reference: the codec that BD-rates are against, by its name in the report; nil for JPEG if there is one.
    ///   - pictures: folders of decoded pictures, FOLDER/CODEC/SETTING/IMAGE.png, for crops side by side.
    ///   - originals: the folder of their originals; needed with pictures.
    ///   - schema: the methods there are.
    /// - Throws: `LloydError` for a folder that holds neither a finished run nor evaluations, for curves that cannot be
    ///   read, or when nothing is called as the reference is.
    public init(
        _ paths: [String], title: String, anchors: String? = nil, reference: String? = nil, pictures: [String] = [],
        originals: String? = nil, schema: Schema
    ) throws {
        var runs: [RunContents] = []
        var evaluations: [EvaluationRecord] = []
        for path in paths {
            if EvaluationFiles.isEvaluation(path) {
                evaluations += try EvaluationFiles.read(path)
            } else {
                runs.append(try RunContents(folder: path, schema: schema))
            }
        }
        self.title = title
        self.paths = paths
        inputs =
            paths.flatMap { path in
                EvaluationFiles.isEvaluation(path) ? EvaluationFiles.paths(path) : RunContents.inputs(of: path)
            } + pictures + [originals, anchors].compactMap { $0 }
        options =
            [("anchors", anchors), ("reference", reference), ("originals", originals)].compactMap { name, value in
                value.map { " --\(name) \(Self.quoted($0))" }
            }.joined() + pictures.map { " --pictures \(Self.quoted($0))" }.joined()
        // Folders of the same name are told apart by their paths.
        let short = runs.map(\.name)
        let names = runs.map { run in short.filter { $0 == run.name }.count > 1 ? run.path : run.name }
        (self.runs, self.names) = (runs, names)
        let options = ReportOptions(anchors: anchors)
        var comparisons: [(method: String, comparison: MethodComparison)] = []
        for method in schema.methods {
            let own = zip(names, runs).filter { $0.1.method == method }
            guard !own.isEmpty else { continue }
            comparisons.append(
                (method.name, try method.comparison(of: own.map(\.1), names: own.map(\.0), options)))
        }
        self.comparisons = comparisons
        let coded = comparisons.map(\.comparison).filter { !$0.codecs.isEmpty }
        var published = PublishedCodecs(curves: [])
        for one in coded.map(\.published) {
            if published.origin.isEmpty { published.origin = one.origin }
            published.curves += one.curves.filter { curve in !published.curves.contains { $0.name == curve.name } }
        }
        // A file of curves is of one kind: it is read for those that it can concern.
        if coded.isEmpty, !evaluations.isEmpty, let anchors { published = try PublishedCodecs(path: anchors) }
        codecs = try CodecComparison(
            own: coded.flatMap(\.codecs), sections: coded.flatMap(\.sections), evaluations: evaluations,
            published: published, reference: reference)
        if pictures.isEmpty {
            crops = nil
        } else {
            guard let originals else {
                throw LloydError(
                    at: "--pictures", problem: "decoded pictures are shown beside their originals only",
                    remedy: "Name the folder of the originals: --originals FOLDER.")
            }
            crops = CodecCrops(folders: pictures, originals: originals, evaluations: codecs.evaluations)
        }
    }

    private static func quoted(_ word: String) -> String { word.contains(" ") ? "\"\(word)\"" : word }

    /// Writes the page and its files.
    /// - Parameter folder: made if it is not there.
    /// - Throws: `LloydError` for a file that cannot be written, or that is an input.
    @discardableResult
    public func write(to folder: String) throws -> WrittenReport {
        var page = ReportPage(
            title: title, subtitle: subtitle,
            footer: "Repeat with: lloyd compare \(paths.map(Self.quoted).joined(separator: " "))\(options)"
                + " --out \(folder)"
        )
        page.sections += comparisons.map(\.comparison).filter(\.codecs.isEmpty).flatMap(\.sections) + codecs.sections()
        if let crops { page.sections.append(try crops.section()) }
        if !runs.isEmpty { page.add("What the runs cost", [.table(costs)]) }
        if runs.count > 1 { page.add("Where the configs differ", differences()) }
        page.attachments = try codecs.attachments()
        return try page.write(to: folder, data: data(), inputs: inputs)
    }

    private var subtitle: String {
        func list(_ names: [String], _ what: String) -> String? {
            names.isEmpty
                ? nil : "\(names.count) \(what)\(names.count == 1 ? "" : "s"): \(names.joined(separator: ", "))"
        }
        return [list(names, "run"), list(codecs.evaluations.map(\.name), "evaluation")].compactMap { $0 }
            .joined(separator: "; ")
    }

    // MARK: Costs and configs

    private var costs: ReportTable {
        ReportTable(
            columns: [
                .init("Run"), .init("Ranks", decimals: 0), .init("Threads", decimals: 0),
                .init("Time", unit: "s", decimals: 1), .init("Rank time", unit: "rank-hours", decimals: 3),
                .init("Peak memory of a rank", unit: "MB", decimals: 0), .init("Exchanged", unit: "MB", decimals: 0),
            ],
            rows: zip(names, runs).map { name, run in
                let cost = run.accounting
                return [
                    .text(name), .number(Double(cost.ranks)), .number(Double(cost.threads)), .number(cost.seconds),
                    .number(cost.rankHours), .number(Double(cost.peakMegabytes)),
                    .number(cost.reducedMegabytes),
                ]
            })
    }

    private func differences() -> [ReportBlock] {
        let configs = runs.map(\.config)
        var keys: [String] = []
        for config in configs { for key in config.keys where !keys.contains(key) { keys.append(key) } }
        let differing = keys.filter { key in Set(configs.map { $0.text(key) }).count > 1 }
        guard !differing.isEmpty else { return [.paragraph("All runs have the same config.")] }
        func cell(_ value: String?) -> ReportTable.Cell { value.map { .text($0) } ?? .empty }
        // The longer of the two lists runs down the page.
        let table =
            differing.count < names.count
            ? ReportTable(
                columns: [.init("Run")] + differing.map { .init($0) },
                rows: zip(names, configs).map { name, config in [.text(name)] + differing.map { cell(config.text($0)) }
                })
            : ReportTable(
                columns: [.init("Key")] + names.map { .init($0) },
                rows: differing.map { key in [.text(key)] + configs.map { cell($0.text(key)) } })
        return [.table(table)]
    }

    private func data() throws -> JSONValue {
        .array(
            try zip(names, runs).compactMap { name, run in
                try comparisons.first { $0.method == run.method.name }?.comparison.data(name)
            } + codecs.data())
    }
}
