import Foundation

/// A codec's curve against another: the BD-rate, the qualities that it is the mean over, or in words why there is none.
///
///     let delta = CodecDelta(ours, against: jpeg)
///     delta.rate                                              // -31.2: 31.2 % fewer bits at the same PSNR
///     delta.share                                             // 0.8 of our PSNRs are JPEG's too
///     delta.problem                                           // "too few points: 1, at least 2 are needed"
///
/// Curves of codecs often have little in common at their ends; how much it is stands beside the figure, and only where it is
/// next to nothing is there no figure.
package struct CodecDelta {
    package let anchor: String
    /// BD-rate in percent: below zero where the curve needs fewer bits.
    package private(set) var rate: Double?
    /// BD-PSNR in dB: above zero where the curve is better.
    package private(set) var quality: Double?
    /// PSNRs that both curves cover.
    package private(set) var overlap: ClosedRange<Double>?
    /// Their share of the curve's own PSNRs.
    package private(set) var share: Double?
    /// Why there is no BD-rate.
    package private(set) var problem: String?
    /// Why there is no BD-PSNR, where there is a BD-rate.
    package private(set) var qualityProblem: String?

    /// Share of the shorter curve that both must cover.
    package static let leastShare = 0.1

    /// - Parameter qualityName: what messages call the qualities.
    package init(
        _ curve: RateDistortionCurve, against other: RateDistortionCurve, of qualityName: String = "PSNRs"
    ) {
        anchor = other.name
        for (one, name) in [(curve, ""), (other, " of \(other.name)")] where one.rates.count < 2 {
            problem = "too few points\(name): \(one.rates.count), at least 2 are needed"
            return
        }
        if let fault = Self.fault(curve) ?? Self.fault(other) {
            problem = fault
            return
        }
        let comparison = CurveComparison(curve, against: other, leastShare: Self.leastShare, of: qualityName)
        (rate, quality, overlap) = (comparison.rate, comparison.quality, comparison.qualities)
        if rate == nil {
            problem = comparison.problem
        } else if quality == nil {
            qualityProblem = comparison.problem
        }
        if let overlap, let low = curve.qualities.min(), let high = curve.qualities.max(), high > low {
            share = (overlap.upperBound - overlap.lowerBound) / (high - low)
        }
    }

    /// A curve along which more bits give less quality has no rate for a quality.
    private static func fault(_ curve: RateDistortionCurve) -> String? {
        let points = zip(curve.rates, curve.qualities).sorted { $0.0 < $1.0 }
        for (next, point) in zip(points.dropFirst(), points) where next.1 <= point.1 || next.0 <= point.0 {
            func text(_ value: Double, _ decimals: Int) -> String { NumberText.fixed(value, decimals: decimals) }
            return
                "the curve \(curve.name) does not rise: \(text(next.0, 4)) bits per pixel give \(text(next.1, 2)) dB, "
                + "\(text(point.0, 4)) give \(text(point.1, 2))"
        }
        return nil
    }

    package var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return [
            "anchor": .string(anchor), "bd-rate": number(rate), "bd-psnr": number(quality),
            "psnr-overlap": overlap.map { [.number($0.lowerBound), .number($0.upperBound)] } ?? .null,
            "overlap-share": number(share), "problem": problem.map { .string($0) } ?? .null,
        ]
    }

    // MARK: Table

    /// - Parameter subject: what the figures are of.
    package static func rule(of subject: String = "this run") -> String {
        "BD-rate: how many more bits for the same PSNR, in the mean over the PSNRs that both cover (PCHIP over the "
            + "logarithm of the rate); below zero \(subject) needs fewer."
    }

    /// A row for each anchor: name, BD-rate, BD-PSNR, common PSNRs and their share. Nil where nothing is defined.
    package static func table(_ deltas: [CodecDelta], caption: String) -> ReportTable? {
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

    /// The common PSNRs as a cell.
    package var range: ReportTable.Cell {
        guard let overlap else { return .empty }
        return .text(
            "\(NumberText.fixed(overlap.lowerBound, decimals: 2)) to "
                + NumberText.fixed(overlap.upperBound, decimals: 2))
    }

    package static func cell(_ value: Double?) -> ReportTable.Cell { value.map { .number($0) } ?? .empty }

    /// What is undefined and why: anchors with the same reason in one sentence.
    package static func problems(_ deltas: [CodecDelta], ofQuality: Bool = false) -> String? {
        sentence(
            deltas.map { ($0.anchor, ofQuality ? $0.qualityProblem : $0.problem) },
            "No \(ofQuality ? "BD-PSNR" : "BD-rate") against ")
    }

    /// The same of several codecs against one anchor.
    package static func problems(_ deltas: [(codec: String, delta: CodecDelta)], _ what: String) -> String? {
        sentence(deltas.map { ($0.codec, $0.delta.problem) }, "No \(what) of ")
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
