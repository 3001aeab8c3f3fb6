import Foundation
import MethodKit
import Reporting

/// The report of an NVTC run: rate and distortion beside published codecs, the bits of each layer, pictures, training.
struct NVTCReport {
    let run: RunContents
    let record: NVTCRecord
    let published: PublishedCodecs
    private let layers: NVTCLayers
    private let curve: NVTCCurve
    private let training: NVTCTraining
    private let deltas: [CodecDelta]

    init(run: RunContents, record: NVTCRecord, published: PublishedCodecs) throws {
        self.run = run
        self.record = record
        self.published = published
        layers = NVTCLayers(record.architecture)
        curve = NVTCCurve(name: record.title, points: record.points)
        training = NVTCTraining(try RunMetrics(run), layers: layers)
        deltas = curve.deltas(against: published)
    }

    func page() throws -> ReportPage {
        let images = record.points[0].images.count
        var page = ReportPage(
            title: record.title,
            subtitle: "Nonlinear vector transform coding: \(record.points.count) model"
                + "\(record.points.count == 1 ? "" : "s") of \(NumberText.fixed(Double(record.parameters), decimals: 0)) "
                + "parameters, measured on \(images) image\(images == 1 ? "" : "s")",
            footer: "Written by lloyd train from \(run.name).")
        let summary = NVTCSummary(run: run, record: record, training: training)
        page.add("Summary", [.keyValues(summary.lines), .paragraph(NVTCSummary.rate)])
        page.add("Rate and distortion", rateBlocks)
        page.add("Bits of each layer", layerBlocks)
        if let section = try NVTCPictures.section(run, record) { page.sections.append(section) }
        page.add("Training", trainingBlocks(summary))
        let codewords = codewordBlocks
        if !codewords.isEmpty { page.add("Codewords in use", codewords) }
        page.add("Every image", [.table(everyImage)])
        page.sections += SharedSections.closing(run)
        page.attachments.append(("rate-distortion.json", curve.compressAI(description: summary.description)))
        return page
    }

    /// Points as tables and bars list them: lambda by lambda.
    private var points: [NVTCRecord.Point] { record.points }

    private func title(_ point: NVTCRecord.Point) -> String { NVTCLayers.title(lambda: point.lambda) }

    // MARK: Rate and distortion

    private var rateBlocks: [ReportBlock] {
        let origin = published.curves.isEmpty ? "" : " Other lines: published curves. \(published.origin)"
        var blocks: [ReportBlock] = [.table(pointTable)]
        if let chart = CodecChart(own: [curve.rateDistortion], published: published.curves).chart() {
            blocks.insert(
                .chart(
                    chart, stem: "rate-distortion",
                    caption: "Mean PSNR of 8-bit RGB over mean bits per pixel, \(record.validation)." + origin), at: 0)
        }
        guard !deltas.isEmpty else {
            blocks.append(
                .paragraph(
                    "No published curves were given: `report.anchors` in the config, or `--anchors` of `lloyd report`, "
                        + "names a file of them. They can be compared only if the validation images are those that the "
                        + "curves were measured on."))
            return blocks
        }
        let caption =
            CodecDelta.rule() + " The published curves can be compared only if they were measured on the same images, "
            + "\(record.validation)."
        if let table = CodecDelta.table(deltas, caption: caption) { blocks.append(.table(table)) }
        blocks += [CodecDelta.problems(deltas), CodecDelta.problems(deltas, ofQuality: true)].compactMap { $0 }
            .map { .paragraph($0) }
        return blocks
    }

    private var pointTable: ReportTable {
        ReportTable(
            columns: [
                .init("λ"), .init("Steps", decimals: 0), .init("Rate", unit: "bits per pixel", decimals: 4),
                .init("PSNR", unit: "dB", decimals: 2), .init("Lowest PSNR", unit: "dB", decimals: 2),
                .init("Highest PSNR", unit: "dB", decimals: 2), .init("Codewords alive", unit: "%", decimals: 1),
            ],
            rows: points.map { point in
                let alive = point.layers.reduce(0) { $0 + $1.alive }
                let codewords = point.layers.reduce(0) { $0 + $1.codewords }
                let psnrs = point.images.map(\.psnr)
                return [
                    .number(point.lambda), .number(Double(point.steps)), .number(point.bitsPerPixel),
                    .number(point.psnr), .number(psnrs.min() ?? .nan), .number(psnrs.max() ?? .nan),
                    .number(100 * Double(alive) / Double(codewords)),
                ]
            },
            caption:
                "The points: means over the validation images, and the worst and the best of these. λ weighs the mean "
                + "squared error against bits, both per sub-pixel.")
    }

    // MARK: Layers

    private var layerBlocks: [ReportBlock] {
        [
            .chart(
                layers.allocation(points.map { (title($0), $0) }), stem: "bit-allocation",
                caption: NVTCLayers.allocationCaption), .table(shareTable), .table(aliveTable),
        ]
    }

    private var shareTable: ReportTable {
        let shares = points.map(layers.shares)
        let stages = record.architecture.stages
        return ReportTable(
            columns: [
                .init("Layer"), .init("Codewords", decimals: 0), .init("Dimension", decimals: 0),
            ] + points.map { .init(title($0), unit: "%", decimals: 2) },
            rows: layers.all.enumerated().map { index, layer in
                [
                    .text(layer.title), .number(Double(stages[layer.stage].codewords)),
                    .number(Double(stages[layer.stage].dimension)),
                ] + shares.map { .number($0[index]) }
            },
            caption: "Share of the bits in each layer. Every layer has a codebook for each position of a block.")
    }

    private var aliveTable: ReportTable {
        ReportTable(
            columns: [.init("Layer")] + points.map { .init(title($0), unit: "%", decimals: 1) },
            rows: layers.all.enumerated().map { index, layer in
                [.text(layer.title)]
                    + points.map {
                        .number(100 * Double($0.layers[index].alive) / Double($0.layers[index].codewords))
                    }
            },
            caption: "Codewords of each layer that some vector of the validation images chose.")
    }

    // MARK: Training

    private func trainingBlocks(_ summary: NVTCSummary) -> [ReportBlock] {
        var blocks = summary.sentences.map { ReportBlock.paragraph($0) }
        let marks = training.phases.isEmpty ? "" : " " + NVTCSummary.marks
        let charts: [(LineChart?, String, String)] = [
            (
                training.chart("loss", title: "Loss", Axis("Loss per sub-pixel", scale: .log10)), "loss",
                "Rates + λ (distortion + VQ distance), mean since the previous row; without the rates as long as they are "
                    + "off." + marks
            ),
            (
                training.chart("bits-per-pixel", title: "Rate", Axis("Rate", unit: "bits per pixel"), validated: true),
                "rate", "What the entropy model charges for training crops; circles: for the validation images."
            ),
            (
                training.chart("psnr", title: "Distortion", Axis("PSNR", unit: "dB"), validated: true), "psnr",
                "−10 log10 of the mean squared error of training crops; circles: mean PSNR of the validation images, which is "
                    + "a mean over images, of samples rounded to bytes, and so differs slightly."
            ),
            (
                training.chart(
                    "quantizer-distance", title: "VQ distance", Axis("Mean squared distance", scale: .log10)),
                "vq-distance", "Squared distance of vectors to their codewords, per sub-pixel, over all layers in use."
            ),
        ]
        for (chart, stem, caption) in charts {
            if let chart { blocks.append(.chart(chart, stem: stem, caption: caption)) }
        }
        let small: [(LineChart?, String)] = [
            (
                training.chart(
                    "gradient-norm", title: "Norm of the gradient", Axis("", scale: .log10), marked: false),
                "gradient-norm"
            ),
            (
                training.chart("learning-rate", title: "Learning rate", Axis("", scale: .log10), marked: false),
                "learning-rate"
            ),
            (training.chart("revived", title: "Codewords drawn anew", Axis(""), marked: false), "revived"),
        ]
        let row = small.compactMap { chart, stem in chart.map { ReportFigure($0, stem: stem) } }
        if !row.isEmpty { blocks.append(.figureRow(row)) }
        return blocks
    }

    private var codewordBlocks: [ReportBlock] {
        func row(_ column: String, _ what: String, _ y: Axis, scaled: Double) -> [ReportFigure] {
            layers.stages.compactMap { stage in
                guard let first = layers.layers(of: stage).first else { return nil }
                return training.chart(column, stage: stage, title: "\(what), 1/\(first.factor)", y, scaled: scaled).map
                {
                    ReportFigure($0, stem: "\(column)-\(stage)")
                }
            }
        }
        let alive = row("alive", "Alive", Axis("Codewords", unit: "%"), scaled: 100)
        let perplexity = row("perplexity", "Perplexity", Axis("Codewords"), scaled: 1)
        guard !alive.isEmpty else { return [] }
        return [
            .paragraph(
                "Alive: codewords that some vector has chosen since the previous row of metrics. Perplexity: two to the "
                    + "entropy of the choices, the number of codewords that would be in use if all were chosen equally "
                    + "often; mean over the codebooks of a layer, of at most "
                    + layers.stages.map { stage in
                        "\(record.architecture.stages[stage].codewords) at 1/\(layers.layers(of: stage)[0].factor)"
                    }.joined(separator: ", ")
                    + ". A layer's line begins when the layer is quantized. Vertical lines: the phases of the "
                    + "initialization, and the start of the next λ."), .figureRow(alive), .figureRow(perplexity),
        ]
    }

    // MARK: Images

    private var everyImage: ReportTable {
        ReportTable(
            columns: [.init("Image")]
                + points.flatMap { point -> [ReportTable.Column] in
                    [
                        .init(title(point), unit: "bits per pixel", decimals: 4),
                        .init(title(point), unit: "dB", decimals: 2),
                    ]
                },
            rows: points[0].images.indices.map { index in
                [.text((points[0].images[index].name as NSString).lastPathComponent)]
                    + points.flatMap { point -> [ReportTable.Cell] in
                        [.number(point.images[index].bitsPerPixel), .number(point.images[index].psnr)]
                    }
            }, caption: "Rate and PSNR of every validation image.")
    }

    // MARK: Data

    /// What report.json holds. The names under "curves" are fixed for scripts.
    func data() throws -> JSONValue {
        [
            "method": "nvtc", "title": .string(record.title), "seed": .integer(Int64(record.seed)),
            "parameters": .integer(Int64(record.parameters)), "data": .string(record.data),
            "validation": .string(record.validation), "curves": [curve.json],
            "layers": .array(layers.all.map { .string($0.name) }), "points": try curve.pointsJSON(layers),
            "bd-rates": .array(deltas.map(\.json)), "published": .array(published.curves.map(\.json)),
            "published-origin": .string(published.origin),
            "accounting": try JSONValue(encoding: run.accounting),
        ]
    }
}
