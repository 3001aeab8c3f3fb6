import Codec
import Foundation
import ImageMetrics

/// Image codecs side by side: runs, evaluations and published curves, as charts, BD-rates, times and points.
///
///     let comparison = try CodecComparison(own: codecs, evaluations: records, published: curves, reference: "JPEG")
///     page.sections += comparison.sections()
package struct CodecComparison {
    /// What runs have trained, with rates of their entropy models.
    private let trained: [OwnCodec]
    /// What their methods add about them.
    private let ownSections: [ReportSection]
    /// By the names that the report gives them.
    package let evaluations: [(name: String, record: EvaluationRecord)]
    /// Curves that others have published.
    package let published: PublishedCodecs
    /// Own codecs, then measured ones, then published ones.
    package let codecs: [ComparedCodec]
    /// What all are compared with; nil if there is nothing to compare.
    package let reference: ComparedCodec?

    /// - Parameters:
    ///   - sections: what stands between the comparisons of all codecs and the evaluations.
    ///   - reference: the name of the codec to compare with; nil for JPEG, or else the first.
    /// - Throws: `LloydError` when no codec has that name.
    package init(
        own trained: [OwnCodec], sections: [ReportSection] = [], evaluations: [EvaluationRecord],
        published: PublishedCodecs, reference: String?
    ) throws {
        self.trained = trained
        ownSections = sections
        self.published = published
        // Names give files their names too.
        var taken = Set(trained.map { EvaluationRecord.slug($0.name) })
        func free(_ name: String, _ otherwise: String) -> String {
            var candidate = name
            var count = 1
            while !taken.insert(EvaluationRecord.slug(candidate)).inserted {
                count += 1
                candidate = "\(name), \(otherwise)" + (count > 2 ? " \(count - 1)" : "")
            }
            return candidate
        }
        let named = evaluations.map { (name: free($0.name, "files"), record: $0) }
        self.evaluations = named
        let measured = named.map { ComparedCodec($0.record, name: $0.name) }
        codecs =
            trained.map { ComparedCodec(name: $0.name, kind: .own, rates: $0.rates, psnr: $0.curve) }
            + measured.filter { $0.kind == .own } + measured.filter { $0.kind == .peer }
            + published.curves.map { ComparedCodec($0, name: free($0.name, "published")) }
        if let reference {
            self.reference = codecs.first { $0.name == reference }
            guard self.reference != nil else {
                throw LloydError(
                    at: "--reference", problem: "no codec is called “\(reference)”",
                    remedy: "There are: \(codecs.map(\.name).joined(separator: "; ")).")
            }
        } else {
            self.reference =
                codecs.first { $0.name == "JPEG" } ?? codecs.first { $0.name.hasPrefix("JPEG") } ?? codecs.first
        }
    }

    /// The sections of the report; none if there are only published curves.
    package func sections() -> [ReportSection] {
        guard codecs.contains(where: { $0.kind != .published }) else { return [] }
        var sections = [ReportSection("Rate and distortion", rateBlocks)]
        if codecs.count > 1 { sections.append(ReportSection("BD-rates", referenceBlocks)) }
        if own.count > 0, others.count > 0 {
            sections.append(
                ReportSection(
                    others.contains { $0.kind == .peer } ? "Against the other codecs" : "Against the published codecs",
                    anchorBlocks))
        }
        sections += ownSections
        let bits = layerBlocks
        if !bits.isEmpty { sections.append(ReportSection("Bits of each layer, in files", bits)) }
        if !evaluations.isEmpty {
            sections.append(ReportSection("Time", [.table(EvaluationTimes(evaluations).table)]))
        }
        sections.append(ReportSection("Every point", [.table(pointTable), .paragraph(Self.rates)]))
        return sections
    }

    private var own: [ComparedCodec] { codecs.filter { $0.kind == .own } }
    private var others: [ComparedCodec] { codecs.filter { $0.kind != .own } }

    private static let rates =
        "Rates “in files” are bits of coded files. Rates of the entropy model are what it charges, −log2 of the "
        + "probability of every index; an entropy coder's files are larger by little. PSNR and MS-SSIM are of 8-bit RGB, for "
        + "each image, then averaged."

    // MARK: Rate and distortion

    private var rateBlocks: [ReportBlock] {
        let charts = CodecChart(codecs)
        let kinds: [(CodecChart.Quality, Bool, String)] = [
            (.psnr, false, "rate-distortion"), (.psnr, true, "rate-distortion-logarithmic"),
            (.msSSIM, false, "ms-ssim"), (.msSSIM, true, "ms-ssim-logarithmic"),
        ]
        var blocks: [ReportBlock] = [.paragraph(measuredOn)]
        for (index, kind) in kinds.enumerated() {
            guard let chart = charts.chart(kind.0, logarithmic: kind.1) else { continue }
            blocks.append(.chart(chart, stem: kind.2, caption: index == 0 ? lines : ""))
        }
        return blocks
    }

    private var lines: String {
        var parts: [String] = []
        if codecs.contains(where: { $0.kind == .own }) { parts.append("Thick lines with markers: own codecs.") }
        if codecs.contains(where: { $0.kind == .peer }) {
            parts.append("Thin lines: codecs of others, measured on the same images.")
        }
        if !published.curves.isEmpty { parts.append("Gray and broken lines: published curves. \(published.origin)") }
        return parts.joined(separator: " ")
    }

    private var measuredOn: String {
        let images =
            trained.flatMap(\.images) + evaluations.map(\.record.data)
        let names = evaluations.map { Set($0.record.points[0].images.map(\.name)) }
        let differing = Set(names).count > 1
        let list = images.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return "Measured on: \(list.joined(separator: "; "))."
            + (differing
                ? " The evaluations are of different images, and cannot be compared with each other." : "")
    }

    // MARK: BD-rates

    /// A codec against another in both qualities.
    private struct Delta {
        let psnr: CurveComparison
        let msSSIM: CurveComparison?

        init(_ codec: ComparedCodec, against other: ComparedCodec) {
            psnr = CurveComparison(codec.psnr, against: other.psnr, .codecs)
            if let one = codec.msSSIM, let two = other.msSSIM {
                msSSIM = CurveComparison(one, against: two, .codecs, of: "MS-SSIMs")
            } else {
                msSSIM = nil
            }
        }
    }

    private var deltas: [(codec: ComparedCodec, delta: Delta)] {
        guard let reference else { return [] }
        return codecs.filter { $0.name != reference.name }.map { ($0, Delta($0, against: reference)) }
    }

    private var referenceBlocks: [ReportBlock] {
        guard let reference else { return [] }
        let table = ReportTable(
            columns: [
                .init("Codec"), .init("Rates"), .init("BD-rate", unit: "%", decimals: 1),
                .init("BD-PSNR", unit: "dB", decimals: 2), .init("Common PSNRs", unit: "dB"),
                .init("BD-rate by MS-SSIM", unit: "%", decimals: 1),
                .init("BD-MS-SSIM", unit: "dB", decimals: 2),
            ],
            rows: deltas.map { codec, delta in
                [
                    .text(codec.name), .text(codec.rates), CurveComparison.cell(delta.psnr.rate),
                    CurveComparison.cell(delta.psnr.quality), delta.psnr.range,
                    CurveComparison.cell(delta.msSSIM?.rate),
                    CurveComparison.cell(delta.msSSIM?.quality),
                ]
            },
            caption:
                "Against \(reference.name) (\(reference.rates)). "
                + CurveComparison.rule(of: "the codec")
                + " BD-PSNR and BD-MS-SSIM: how much better at the same rate.")
        let undefined = [
            CurveComparison.problems(deltas.map { ($0.codec.name, $0.delta.psnr) }, "BD-rate"),
            CurveComparison.problems(
                deltas.compactMap { codec, delta in delta.msSSIM.map { (codec.name, $0) } }, "BD-rate by MS-SSIM"),
        ]
        return [.table(table)] + undefined.compactMap { $0.map { .paragraph($0) } }
    }

    private var anchorBlocks: [ReportBlock] {
        let all = own.map { codec in others.map { CurveComparison(codec.psnr, against: $0.psnr, .codecs) } }
        guard all.contains(where: { $0.contains { $0.rate != nil } }) else {
            return zip(own, all).compactMap { codec, deltas in
                CurveComparison.problems(deltas).map { .paragraph("\(codec.name): n\($0.dropFirst())") }
            }
        }
        let table = ReportTable(
            columns: [.init("Against")] + own.map { .init($0.name, unit: "% rate", decimals: 1) },
            rows: others.indices.map { index in
                [.text(others[index].name)] + all.map { CurveComparison.cell($0[index].rate) }
            },
            caption: CurveComparison.rule(of: "the own codec")
                + " Only over what both curves cover, which may be another part of the curve for every pair: report.json "
                + "says which.")
        return [.table(table)]
            + zip(own, all).compactMap { codec, deltas in
                CurveComparison.problems(deltas).map {
                    .paragraph(own.count == 1 ? $0 : "\(codec.name): n\($0.dropFirst())")
                }
            }
    }

    // MARK: Points

    private var pointTable: ReportTable {
        typealias Row = [ReportTable.Cell]
        let trained = trained.flatMap { codec in
            codec.points.map { point -> Row in
                [
                    .text(codec.name), .text(point.setting), .text(codec.rates), .number(point.bitsPerPixel),
                    .number(point.psnr), .empty, .empty, .empty,
                ]
            }
        }
        let measured = evaluations.flatMap { name, record in
            record.points.map { ($0, $0.mean) }.sorted { $0.1.bitsPerPixel < $1.1.bitsPerPixel }.map {
                point, mean -> Row in
                let estimates = point.images.compactMap(\.estimatedBits)
                let estimate = estimates.count == point.images.count ? estimates.reduce(0, +) : 0
                let bits = point.images.reduce(0) { $0 + 8 * Double($1.bytes) }
                return [
                    .text(name), .text(point.setting), .text("files"), .number(mean.bitsPerPixel), .number(mean.psnr),
                    CurveComparison.cell(mean.msSSIM),
                    CurveComparison.cell(mean.msSSIM.map(MultiScaleSimilarity.decibels)),
                    estimate > 0 ? .number(100 * (bits / estimate - 1)) : .empty,
                ]
            }
        }
        return ReportTable(
            columns: [
                .init("Codec"), .init("Setting"), .init("Rates"), .init("Rate", unit: "bits per pixel", decimals: 4),
                .init("PSNR", unit: "dB", decimals: 2), .init("MS-SSIM", decimals: 4),
                .init("MS-SSIM", unit: "dB", decimals: 2), .init("Over the estimate", unit: "%", decimals: 2),
            ], rows: trained + measured,
            caption:
                "Means over the images. Over the estimate: how many more bits the files have than the entropy model "
                + "charges, if a codec says so.")
    }

    // MARK: Bits of each layer

    private var layerBlocks: [ReportBlock] {
        var count = 0
        return evaluations.compactMap { evaluation in
            let points = evaluation.record.points.filter { point in
                point.images.allSatisfy { $0.layerBits?.isEmpty == false }
            }
            guard let layers = points.first?.images[0].layerBits?.count,
                points.allSatisfy({ $0.images.allSatisfy { $0.layerBits!.count == layers } })
            else { return nil }
            let sums = points.map { point in
                (0..<layers).map { layer in point.images.reduce(0) { $0 + $1.layerBits![layer] } }
            }
            let chart = BarChart(
                title: "Bits of each layer: \(evaluation.name)", y: Axis("Share of the bits", unit: "%", to: 100),
                categories: points.map(\.setting),
                series: (0..<layers).map { layer in
                    BarChart.Series(
                        "layer \(layer + 1)",
                        sums.map { sum in
                            let whole = sum.reduce(0, +)
                            return whole > 0 ? 100 * sum[layer] / whole : .nan
                        }, color: Self.shade(layer, of: layers))
                }, arrangement: .stacked, labelDigits: points.count > 6 || layers > 16 ? 0 : 2)
            count += 1
            return .chart(
                chart, stem: "layer-bits-\(count)",
                caption: "As Fig. 6 of the NVTC paper, of coded files: layers in the order of decoding from the bottom."
            )
        }
    }

    private static func shade(_ layer: Int, of layers: Int) -> ChartColor {
        let base = ChartStyle.color(0)
        let share = layers > 1 ? 0.8 * Double(layer) / Double(layers - 1) : 0
        func mixed(_ value: UInt8) -> UInt8 { UInt8(Double(value) + share * (255 - Double(value))) }
        return ChartColor(red: mixed(base.red), green: mixed(base.green), blue: mixed(base.blue))
    }

    // MARK: Data

    /// What report.json holds of the evaluations and of the comparison.
    package func data() throws -> [JSONValue] {
        guard codecs.contains(where: { $0.kind != .published }) else { return [] }
        let records = try evaluations.map { name, record -> JSONValue in
            [
                "run": .string(name), "method": "evaluation", "coder": .string(record.coder),
                "description": .string(record.description), "data": .string(record.data),
                "points": .array(
                    try record.points.map { point in
                        let mean = point.mean
                        return [
                            "setting": .string(point.setting), "bpp": .number(mean.bitsPerPixel),
                            "psnr-rgb": .number(mean.psnr), "ms-ssim-rgb": mean.msSSIM.map { .number($0) } ?? .null,
                            "encoding-seconds": .number(mean.encodingSeconds),
                            "decoding-seconds": .number(mean.decodingSeconds),
                            "images": try JSONValue(encoding: point.images),
                        ]
                    }),
            ]
        }
        let comparison: JSONValue = [
            "method": "comparison", "reference": reference.map { .string($0.name) } ?? .null,
            "bd-rates": .array(
                deltas.map { codec, delta in
                    [
                        "codec": .string(codec.name), "rates": .string(codec.rates), "psnr": delta.psnr.json,
                        "ms-ssim": delta.msSSIM?.json ?? .null,
                    ]
                }),
        ]
        return records + [comparison]
    }

    /// CompressAI's JSON of every own and every measured curve.
    package func attachments() throws -> [(name: String, data: JSONValue)] {
        let own = trained.map { (name: "curve-\(EvaluationRecord.slug($0.name)).json", data: $0.published) }
        let measured = try evaluations.map { name, record in
            (
                name: "curve-\(EvaluationRecord.slug(name)).json",
                data: try JSONValue(
                    encoding: CompressAICurve(
                        record, name: name, description: "\(record.coder), \(record.description)"))
            )
        }
        return own + measured
    }
}
