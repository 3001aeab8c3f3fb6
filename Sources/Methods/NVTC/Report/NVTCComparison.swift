import Foundation
import MethodKit
import Reporting

/// Several NVTC runs in one report: BD-rates of variants as in Table 4, and the bits of each layer.
///
/// Runs of one title whose models differ in nothing but lambda, or in the number of codewords (which is how
/// unconstrained VQ gets to other rates), are one codec whose models were trained apart: one curve.
struct NVTCComparison {
    /// What has a curve.
    struct Codec {
        var curve: NVTCCurve
        var runs: [FinishedRun<NVTCRecord>]
        var deltas: [CodecDelta]
        /// Against the first codec; nil for the first itself.
        var toFirst: CodecDelta?

        var record: NVTCRecord { runs[0].record }

        /// Its points, lowest rate first, with what tells them apart.
        var points: [(setting: String, point: NVTCRecord.Point)] {
            let sizes = runs.map { $0.record.architecture.stages.map(\.codewords) }
            let all = zip(runs, sizes).flatMap { run, codewords in
                run.record.points.map { point in
                    let size = Set(sizes).count > 1 ? ", K = \(codewords.map(String.init).joined(separator: ", "))" : ""
                    return (setting: NVTCLayers.title(lambda: point.lambda) + size, point: point)
                }
            }
            return all.sorted { ($0.point.bitsPerPixel, $0.point.psnr) < ($1.point.bitsPerPixel, $1.point.psnr) }
        }
        var layers: NVTCLayers { NVTCLayers(record.architecture) }
    }

    let codecs: [Codec]
    /// Curves to compare with: those given, or those that the runs were given.
    let published: PublishedCodecs

    /// - Parameter published: curves to compare with instead of those that the runs were given.
    init(
        _ runs: [FinishedRun<NVTCRecord>], published: PublishedCodecs?
    ) throws {
        self.published = try published ?? Self.known(to: runs.map(\.run))
        var groups: [[FinishedRun<NVTCRecord>]] = []
        for run in runs {
            let index = groups.firstIndex { group in
                group[0].record.title == run.record.title
                    && group.allSatisfy { Self.isAnother(run.record, of: $0.record) }
            }
            if let index { groups[index].append(run) } else { groups.append([run]) }
        }
        let titles = groups.map { $0[0].record.title }
        var codecs: [Codec] = []
        for (group, title) in zip(groups, titles) {
            let isOnly = titles.filter { $0 == title }.count == 1
            let curve = NVTCCurve(
                name: isOnly ? title : group.map(\.name).joined(separator: ", "),
                points: group.flatMap(\.record.points))
            codecs.append(
                Codec(
                    curve: curve, runs: group, deltas: curve.deltas(against: self.published),
                    toFirst: codecs.first.map {
                        CodecDelta(curve.rateDistortion, against: $0.curve.rateDistortion)
                    }))
        }
        self.codecs = codecs
    }

    /// Whether two runs hold different models that can belong to one curve.
    private static func isAnother(_ one: NVTCRecord, of other: NVTCRecord) -> Bool {
        func withoutCodewords(_ architecture: NVTCArchitecture) -> NVTCArchitecture {
            var architecture = architecture
            for stage in architecture.stages.indices { architecture.stages[stage].codewords = 0 }
            return architecture
        }
        guard withoutCodewords(one.architecture) == withoutCodewords(other.architecture) else { return false }
        return one.architecture != other.architecture
            || Set(one.points.map(\.lambda)).isDisjoint(with: other.points.map(\.lambda))
    }

    /// What the runs' own copies hold, each codec once.
    private static func known(to runs: [RunContents]) throws -> PublishedCodecs {
        var all = PublishedCodecs(curves: [])
        for run in runs {
            let own = try run.publishedCodecs()
            if all.origin.isEmpty { all.origin = own.origin }
            all.curves += own.curves.filter { curve in !all.curves.contains { $0.name == curve.name } }
        }
        return all
    }

    func sections() -> [ReportSection] {
        guard !codecs.isEmpty else { return [] }
        let bits = ReportSection("Bits of each layer", allocationBlocks)
        return codecs.count > 1 ? [ReportSection("Against the first: Table 4", variantBlocks), bits] : [bits]
    }

    private func title(_ codec: Codec, _ setting: String) -> String {
        codecs.count == 1 ? setting : "\(codec.curve.name), \(setting)"
    }

    // MARK: Variants

    private var variantBlocks: [ReportBlock] {
        let table = ReportTable(
            columns: [
                .init("Model"), .init("BD-rate", unit: "%", decimals: 1), .init("BD-PSNR", unit: "dB", decimals: 2),
                .init("Common PSNRs", unit: "dB"), .init("Parameters", unit: "millions", decimals: 2),
                .init("Training", unit: "rank-hours", decimals: 2), .init("Differs in"),
            ],
            rows: codecs.map { codec in
                let delta = codec.toFirst
                return [
                    .text(codec.curve.name), CodecDelta.cell(delta == nil ? 0 : delta?.rate),
                    CodecDelta.cell(delta == nil ? 0 : delta?.quality), delta.map(\.range) ?? .empty,
                    .number(Double(codec.record.parameters) / 1e6),
                    .number(codec.runs.reduce(0) { $0 + $1.run.accounting.rankHours }), .text(differences(codec)),
                ]
            },
            caption:
                "As Table 4 of the NVTC paper: bits that each model needs more than the first for the same PSNR, in "
                + "the mean over the PSNRs that both cover. The paper, on CLIC 2021: without vector transforms 7.3 %, without "
                + "ECVQ 23.9 %, without progressive initialization 17.1 %.")
        let undefined = codecs.compactMap { codec in
            codec.toFirst?.problem.map { "\(codec.curve.name) (\($0))" }
        }
        return [.table(table)]
            + (undefined.isEmpty ? [] : [.paragraph("Left undefined: \(undefined.joined(separator: "; ")).")])
    }

    /// Keys that make no other model.
    private static let unessential = [
        "title", "seed", "nvtc.lambdas", "report.", "data.path", "data.prefetch", "validation.", "checkpoint.",
    ]
    private static let mostDifferences = 4

    /// What a codec's config has otherwise than the first codec's.
    private func differences(_ codec: Codec) -> String {
        let (first, own) = (codecs[0].runs[0].run.config, codec.runs[0].run.config)
        let keys = (own.keys + first.keys.filter { !own.keys.contains($0) }).filter { key in
            first.text(key) != own.text(key) && !Self.unessential.contains { key.hasPrefix($0) }
        }
        let shown = keys.prefix(Self.mostDifferences).map { "`\($0)`: \(own.text($0) ?? "none")" }
        let more = keys.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? ", and \(more) more" : "")
    }

    // MARK: Bits of each layer

    /// Bars up to which those of several codecs stand in one chart.
    private static let mostBars = 8

    /// A chart for all codecs with the same layers, or small ones for each if the bars would be many.
    private var allocationBlocks: [ReportBlock] {
        var groups: [[Codec]] = []
        for codec in codecs {
            let index = groups.firstIndex { $0[0].layers.all.map(\.title) == codec.layers.all.map(\.title) }
            if let index { groups[index].append(codec) } else { groups.append([codec]) }
        }
        return groups.enumerated().map { index, group in
            let stem = "bit-allocation" + (index == 0 ? "" : "-\(index + 1)")
            if group.count > 1, group.reduce(0, { $0 + $1.curve.points.count }) > Self.mostBars {
                return .figureRow(
                    group.enumerated().map { number, codec in
                        let named = codec.points.map { ($0.setting, $0.point) }
                        return ReportFigure(
                            codec.layers.allocation(title: codec.curve.name, named), stem: "\(stem)-of-\(number + 1)",
                            caption: number == 0 ? NVTCLayers.allocationCaption : "")
                    })
            }
            return .chart(
                group[0].layers.allocation(
                    group.flatMap { codec in codec.points.map { (title(codec, $0.setting), $0.point) } }), stem: stem,
                caption: NVTCLayers.allocationCaption)
        }
    }

    /// What a comparison of all methods' runs takes from it.
    var comparison: MethodComparison {
        var result = MethodComparison(data: data)
        result.sections = sections()
        result.published = published
        result.codecs = codecs.map { codec in
            OwnCodec(
                name: codec.curve.name, rates: "entropy model", curve: codec.curve.rateDistortion,
                points: codec.points.map {
                    .init(
                        setting: "\($0.setting), \($0.point.steps) steps", bitsPerPixel: $0.point.bitsPerPixel,
                        psnr: $0.point.psnr)
                },
                images: codec.runs.map(\.record.validation),
                published: codec.curve.compressAI(
                    description:
                        "Lloyd, NVTC: measured on \(codec.record.validation); rates are those of the entropy model."
                ))
        }
        return result
    }

    // MARK: Data

    /// What report.json holds of the run of that name.
    func data(_ name: String) throws -> JSONValue {
        guard let codec = codecs.first(where: { $0.runs.contains { $0.name == name } }),
            let own = codec.runs.first(where: { $0.name == name })
        else { return nil }
        let curve = NVTCCurve(name: codec.curve.name, points: own.record.points)
        return [
            "run": .string(name), "method": "nvtc", "title": .string(own.record.title), "curves": [curve.json],
            "points": try curve.pointsJSON(codec.layers), "parameters": .integer(Int64(own.record.parameters)),
            // Of the whole codec, to which other runs of this title may belong.
            "bd-rates": .array(codec.deltas.map(\.json)), "bd-rate-to-first": codec.toFirst?.json ?? .null,
            "accounting": try JSONValue(encoding: own.run.accounting),
        ]
    }
}
