import Foundation

/// A curve against another: both Bjøntegaard deltas and what they are the means over, or in words why there are none.
///
///     let delta = CurveComparison(ours, against: jpeg, .codecs)
///     delta.rate                                              // -31.2: 31.2 % fewer bits at the same PSNR
///     delta.share                                             // 0.8 of our PSNRs are JPEG's, too
///     delta.problem                                           // nil, or "the curves have no PSNRs in common"
///
/// A mean over a sliver of two curves says nothing about them: if less than a share of the shorter one is covered by both,
/// the deltas are left undefined. How large that share is depends on what is compared.
package struct CurveComparison {
    /// What is asked of curves that are compared.
    package struct Rule {
        /// Share of the shorter curve that both must cover, in log rates and in dB.
        package var leastShare: Double
        /// Whether more bits must give more quality all along a curve.
        package var isRising: Bool

        /// For curves of quantizers over the same range of rates.
        package static let curves = Rule(leastShare: 0.5, isRising: false)
        /// For image codecs. Their curves often have little in common at their ends; how much it is stands beside the
        /// figure. A curve that does not rise has no rate for a quality.
        package static let codecs = Rule(leastShare: 0.1, isRising: true)
    }

    /// The name of the other curve.
    package let anchor: String
    /// BD-PSNR in dB: above zero if the curve is better.
    package private(set) var quality: Double?
    /// BD-rate in percent: below zero if the curve needs fewer bits.
    package private(set) var rate: Double?
    /// Rates that both curves cover.
    package private(set) var rates: ClosedRange<Double>?
    /// Qualities that both curves cover, in dB.
    package private(set) var qualities: ClosedRange<Double>?
    /// Their share of the curve's own qualities, in 0...1.
    package private(set) var share: Double?
    /// Why one of the deltas, or both, are undefined.
    package private(set) var problem: String?

    /// Why there is no BD-rate.
    package var rateProblem: String? { rate == nil ? problem : nil }
    /// Why there is no BD-PSNR, although there is a BD-rate.
    package var qualityProblem: String? { rate != nil && quality == nil ? problem : nil }

    /// - Parameter qualityName: what messages call the qualities.
    package init(
        _ curve: RateDistortionCurve, against anchor: RateDistortionCurve, _ rule: Rule = .curves,
        of qualityName: String = "PSNRs"
    ) {
        self.anchor = anchor.name
        if rule.isRising, let fault = Self.fault(curve, anchor) {
            problem = fault
            return
        }
        // A codebook of one codeword costs nothing; its point cannot be on a logarithmic axis.
        let (curve, other) = (curve.withoutZeroRates, anchor.withoutZeroRates)
        rates = Self.common(curve.rates, other.rates)
        qualities = Self.common(curve.qualities, other.qualities)
        if let qualities, let low = curve.qualities.min(), let high = curve.qualities.max(), high > low {
            share = (qualities.upperBound - qualities.lowerBound) / (high - low)
        }
        var problems: [String] = []
        func delta(
            _ values: KeyPath<RateDistortionCurve, [Double]>, _ unit: String, logarithmic: Bool,
            _ compute: () throws -> Double
        ) -> Double? {
            let scaled = [curve, other].map { $0[keyPath: values].map { logarithmic ? log10($0) : $0 } }
            if let problem = Self.overlapProblem(scaled[0], scaled[1], unit, rule.leastShare) {
                problems.append(problem)
                return nil
            }
            do {
                return try compute()
            } catch {
                problems.append((error as? LloydError).map { "\($0.item): \($0.problem)" } ?? "\(error)")
                return nil
            }
        }
        quality = delta(\.rates, "rates", logarithmic: true) {
            try BjontegaardDelta.quality(of: curve, against: other)
        }
        rate = delta(\.qualities, qualityName, logarithmic: false) {
            try BjontegaardDelta.rate(of: curve, against: other)
        }
        if !problems.isEmpty {
            problem = problems.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.joined(separator: "; ")
        }
    }

    /// Why curves of codecs cannot be compared; nil if they can.
    private static func fault(_ curve: RateDistortionCurve, _ anchor: RateDistortionCurve) -> String? {
        for (one, name) in [(curve, ""), (anchor, " of \(anchor.name)")] where one.rates.count < 2 {
            return "too few points\(name): \(one.rates.count), at least 2 are needed"
        }
        return fall(curve) ?? fall(anchor)
    }

    /// Where more bits give less quality; nil for a curve that rises all along.
    private static func fall(_ curve: RateDistortionCurve) -> String? {
        let points = zip(curve.rates, curve.qualities).sorted { $0.0 < $1.0 }
        for (next, point) in zip(points.dropFirst(), points) where next.1 <= point.1 || next.0 <= point.0 {
            func text(_ value: Double, _ decimals: Int) -> String { NumberText.fixed(value, decimals: decimals) }
            return
                "the curve \(curve.name) does not rise: \(text(next.0, 4)) bits per pixel give \(text(next.1, 2)) dB, "
                + "\(text(point.0, 4)) give \(text(point.1, 2))"
        }
        return nil
    }

    private static func common(_ first: [Double], _ second: [Double]) -> ClosedRange<Double>? {
        guard let low = [first.min(), second.min()].compactMap({ $0 }).max(), first.count > 0, second.count > 0,
            let high = [first.max(), second.max()].compactMap({ $0 }).min(), high > low
        else { return nil }
        return low...high
    }

    /// Nil if enough of both is common, and if the curves are so short that the deltas themselves refuse them.
    private static func overlapProblem(
        _ first: [Double], _ second: [Double], _ unit: String, _ leastShare: Double
    ) -> String? {
        guard first.count >= 2, second.count >= 2, (first + second).allSatisfy(\.isFinite),
            let (low, high) = extent(first), let (otherLow, otherHigh) = extent(second)
        else { return nil }
        let shorter = min(high - low, otherHigh - otherLow)
        let shared = common(first, second).map { $0.upperBound - $0.lowerBound } ?? 0
        guard shorter > 0, shared < leastShare * shorter else { return nil }
        let percent = Int((100 * shared / shorter).rounded(.down))
        return percent == 0
            ? "the curves have no \(unit) in common"
            : "the curves have only \(percent) % of the shorter one's \(unit) in common"
    }

    private static func extent(_ values: [Double]) -> (low: Double, high: Double)? {
        guard let low = values.min(), let high = values.max() else { return nil }
        return (low, high)
    }
}
