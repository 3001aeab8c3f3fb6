/// Comparisons of curves as tables, sentences and JSON.
extension CurveComparison {
    /// What report.json holds of a codec against another.
    package var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return [
            "anchor": .string(anchor), "bd-rate": number(rate), "bd-psnr": number(quality),
            "psnr-overlap": qualities.map { [.number($0.lowerBound), .number($0.upperBound)] } ?? .null,
            "overlap-share": number(share), "problem": rateProblem.map { .string($0) } ?? .null,
        ]
    }

    /// What a BD-rate is, in a sentence.
    /// - Parameter subject: what the figures are of.
    package static func rule(of subject: String = "this run") -> String {
        "BD-rate: how many more bits for the same PSNR, in the mean over the PSNRs that both cover (PCHIP over the "
            + "logarithm of the rate); below zero \(subject) needs fewer."
    }

    /// A row for each anchor: name, BD-rate, BD-PSNR, common PSNRs and their share. Nil if nothing is defined.
    package static func table(_ deltas: [CurveComparison], caption: String) -> ReportTable? {
        guard deltas.contains(where: { $0.rate != nil }) else { return nil }
        return ReportTable(
            columns: [
                .init("Against"), .init("BD-rate", unit: "%", decimals: 1), .init("BD-PSNR", unit: "dB", decimals: 2),
                .init("Common PSNRs", unit: "dB"), .init("Share of this run's", unit: "%", decimals: 0),
            ],
            rows: deltas.map { delta in
                [
                    .text(delta.anchor), cell(delta.rate), cell(delta.quality),
                    delta.range, cell(delta.share.map { 100 * $0 }),
                ]
            }, caption: caption)
    }

    /// The common PSNRs as a cell: "24.10 to 38.25".
    package var range: ReportTable.Cell {
        guard let qualities else { return .empty }
        return .text(
            "\(NumberText.fixed(qualities.lowerBound, decimals: 2)) to "
                + NumberText.fixed(qualities.upperBound, decimals: 2))
    }

    /// A number as a cell, an empty cell for nil.
    package static func cell(_ value: Double?) -> ReportTable.Cell { value.map { .number($0) } ?? .empty }

    /// What is undefined and why: anchors with the same reason in one sentence. Nil if all is defined.
    package static func problems(_ deltas: [CurveComparison], ofQuality: Bool = false) -> String? {
        sentence(
            deltas.map { ($0.anchor, ofQuality ? $0.qualityProblem : $0.rateProblem) },
            "No \(ofQuality ? "BD-PSNR" : "BD-rate") against ")
    }

    /// The same of several codecs against one anchor.
    package static func problems(_ deltas: [(codec: String, delta: CurveComparison)], _ what: String) -> String? {
        sentence(deltas.map { ($0.codec, $0.delta.rateProblem) }, "No \(what) of ")
    }

    private static func sentence(_ problems: [(name: String, problem: String?)], _ start: String) -> String? {
        var reasons: [(text: String, names: [String])] = []
        for (name, problem) in problems {
            guard let problem else { continue }
            if let index = reasons.firstIndex(where: { $0.text == problem }) {
                reasons[index].names.append(name)
            } else {
                reasons.append((problem, [name]))
            }
        }
        guard !reasons.isEmpty else { return nil }
        return start + reasons.map { "\($0.names.joined(separator: ", ")) (\($0.text))" }.joined(separator: "; ") + "."
    }
}
