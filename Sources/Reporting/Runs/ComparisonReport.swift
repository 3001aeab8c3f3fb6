import Codec
import Foundation
import NVTC
import RRQ
import ToySources

/// Finished runs and evaluations side by side: curves, final figures, costs, and where the runs' configs differ.
///
///     let report = try ComparisonReport(
///         ["runs/a", "runs/b", "Reports/classical-kodak"], title: "a, b and others", reference: "JPEG")
///     try report.write(to: URL(fileURLWithPath: "Reports/a-against-b"))
public struct ComparisonReport {
    private let paths: [String]
    /// Files and folders that the report is made of.
    private let inputs: [String]
    private let runs: [RunContents]
    private let names: [String]
    private let title: String
    private let options: String
    private let toys: ToyComparison
    private let models: NVTCComparison
    private let codecs: CodecComparison
    private let crops: CodecCrops?

    /// - Parameters:
    ///   - paths: run folders, evaluation files and folders of these, in any order.
    ///   - anchors: file or folder of published curves for toy sources or image codecs, in place of the runs' own copies.
    ///   - reference: the codec that BD-rates are against, by its name in the report; nil for JPEG where there is one.
    ///   - pictures: folders of decoded pictures, FOLDER/CODEC/SETTING/IMAGE.png, for crops side by side.
    ///   - originals: the folder of their originals; needed with pictures.
    /// - Throws: `ReportingError` for a folder that holds neither a finished run nor evaluations, for curves that cannot be
    ///   read, or when nothing is called as the reference is.
    public init(
        _ paths: [String], title: String, anchors: String? = nil, reference: String? = nil, pictures: [String] = [],
        originals: String? = nil
    ) throws {
        var runs: [RunContents] = []
        var evaluations: [EvaluationRecord] = []
        for path in paths {
            if EvaluationFiles.isEvaluation(path) {
                evaluations += try EvaluationFiles.read(path)
            } else {
                runs.append(try RunContents(folder: path))
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
        let named = zip(names, runs)
        let toys = named.compactMap { name, run in
            if case .toy(let record) = run.record { (name: name, run: run, record: record) } else { nil }
        }
        let models = named.compactMap { name, run in
            if case .nvtc(let record) = run.record { (name: name, run: run, record: record) } else { nil }
        }
        // A file of curves is of one kind: it is read for those that it can concern.
        self.toys = try ToyComparison(
            toys, published: toys.isEmpty ? nil : try anchors.map { try PublishedCurves(path: $0) })
        let isOfCodecs = !models.isEmpty || !evaluations.isEmpty
        let published = isOfCodecs ? try anchors.map { try PublishedCodecs(path: $0) } : nil
        self.models = try NVTCComparison(models, published: published)
        codecs = try CodecComparison(
            models: self.models, evaluations: evaluations, published: self.models.published, reference: reference)
        if pictures.isEmpty {
            crops = nil
        } else {
            guard let originals else {
                throw ReportingError(
                    place: "--pictures", problem: "decoded pictures are shown beside their originals only",
                    remedy: "Name the folder of the originals: --originals FOLDER.")
            }
            crops = CodecCrops(folders: pictures, originals: originals, evaluations: codecs.evaluations)
        }
    }

    private static func quoted(_ word: String) -> String { word.contains(" ") ? "\"\(word)\"" : word }

    @discardableResult
    public func write(to folder: URL) throws -> WrittenReport {
        var page = ReportPage(
            title: title, subtitle: subtitle,
            footer: "Repeat with: lloyd compare \(paths.map(Self.quoted).joined(separator: " "))\(options)"
                + " --out \(folder.relativePath)"
        )
        page.sections += try layerSections() + studySections() + toys.sections() + codecs.sections()
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

    private var layered: [(name: String, record: RRQRecord)] {
        zip(names, runs).compactMap { name, run in
            if case .rrq(let record) = run.record { (name, record) } else { nil }
        }
    }

    private var studies: [(name: String, record: CodebookStudyRecord)] {
        zip(names, runs).compactMap { name, run in
            if case .study(let record) = run.record { (name, record) } else { nil }
        }
    }

    // MARK: Residual quantization

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
        let present = layered.filter { $0.record.superResolutionFactor != nil }
        guard !present.isEmpty else { return nil }
        let kinds = ImageEvaluator.Restoration.allCases.filter { kind in
            kind != .original && kind != .reconstruction
                && present.contains { $0.record.qualities.contains { $0.restoration == kind } }
        }
        return ReportTable(
            columns: [.init("Run"), .init("Factor", decimals: 0)]
                + kinds.map { .init($0.rawValue, unit: "dB", decimals: 2, best: .highest) },
            rows: present.map { name, record in
                [.text(name), .number(Double(record.superResolutionFactor!))]
                    + kinds.map { kind in cell(record.qualities.last { $0.restoration == kind }?.psnr) }
            }, caption: "Mean test PSNR after the last layer, clipped and rounded to 8 bits.")
    }

    // MARK: Codebook studies

    private func studySections() -> [ReportSection] {
        guard !studies.isEmpty else { return [] }
        let rows = studies.flatMap { name, record in
            record.table.map { row -> [ReportTable.Cell] in
                [
                    .text(name), .text(StudyReport.name(row.method, row.lambda)), .number(row.train), .number(row.test),
                    .number(record.bound),
                ]
            }
        }
        return [
            ReportSection(
                "Single codebooks",
                [
                    .table(
                        ReportTable(
                            columns: [
                                .init("Run"), .init("Method"), .init("Train", decimals: 4, best: .lowest),
                                .init("Test", decimals: 4, best: .lowest), .init("Bound", decimals: 4),
                            ], rows: rows, caption: "Distortion as a fraction of the set's energy, means over trials."))
                ])
        ]
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
        let configs = runs.map { ConfigLines($0.config) }
        var keys: [String] = []
        for config in configs { for key in config.keys where !keys.contains(key) { keys.append(key) } }
        let differing = keys.filter { key in Set(configs.map { $0[key] }).count > 1 }
        guard !differing.isEmpty else { return [.paragraph("All runs have the same config.")] }
        func cell(_ value: String?) -> ReportTable.Cell { value.map { .text($0) } ?? .empty }
        // The longer of the two lists runs down the page.
        let table =
            differing.count < names.count
            ? ReportTable(
                columns: [.init("Run")] + differing.map { .init($0) },
                rows: zip(names, configs).map { name, config in [.text(name)] + differing.map { cell(config[$0]) } })
            : ReportTable(
                columns: [.init("Key")] + names.map { .init($0) },
                rows: differing.map { key in [.text(key)] + configs.map { cell($0[key]) } })
        return [.table(table)]
    }

    private func data() throws -> JSONValue {
        .array(
            try zip(names, runs).map { name, run in
                switch run.record {
                case .rrq(let record):
                    [
                        "run": .string(name), "method": "rrq", "layers": try JSONValue(encoding: curves(record)),
                        "qualities": try JSONValue(encoding: record.qualities),
                        "accounting": try JSONValue(encoding: run.accounting),
                    ]
                case .study(let record):
                    [
                        "run": .string(name), "method": "codebook-study", "bound": .number(record.bound),
                        "table1": try JSONValue(encoding: record.table),
                        "accounting": try JSONValue(encoding: run.accounting),
                    ]
                case .toy: try toys.data(name)
                case .nvtc: try models.data(name)
                }
            } + codecs.data())
    }
}

/// A layer's figures without its rate profile, which is most of a record and only the run's own report draws.
private func curves(_ record: RRQRecord) -> [LayerRecord] {
    record.layers.map { layer in
        var layer = layer
        layer.rateProfile = []
        return layer
    }
}

/// A resolved config as keys and values, in order. It is written with one key a line and at most one level of sections.
struct ConfigLines {
    private(set) var keys: [String] = []
    private var values: [String: String] = [:]

    init(_ yaml: String) {
        var section = ""
        for line in yaml.split(separator: "\n").map(String.init) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmingCharacters(in: .whitespaces)
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            if !line.hasPrefix(" ") { section = "" }
            if value.isEmpty {
                section = name + "."
            } else {
                keys.append(section + name)
                values[section + name] = value
            }
        }
    }

    subscript(key: String) -> String? { values[key] }
}
