import Foundation

/// Both Bjøntegaard deltas of a curve against another, or in words why there are none.
///
///     let comparison = CurveComparison(ours, against: published)
///     comparison.quality                                     // BD-PSNR in dB: 0.03; nil where it is undefined
///     comparison.rates                                       // the common rates that it is the mean over
///     comparison.problem                                     // "they share ... too little to compare"
///
/// A mean over a sliver of two curves says nothing about them: where less than half of the shorter one is covered by
/// both, the deltas are left undefined.
package struct CurveComparison {
    /// BD-PSNR in dB: above zero where the curve is better.
    package private(set) var quality: Double?
    /// BD-rate in percent: below zero where the curve is better.
    package private(set) var rate: Double?
    /// Rates that both curves cover.
    package private(set) var rates: ClosedRange<Double>?
    /// Qualities that both curves cover, in dB.
    package private(set) var qualities: ClosedRange<Double>?
    /// Why one of the deltas, or both, are undefined.
    package private(set) var problem: String?

    /// Share of the shorter curve that both must cover, in log rates and in dB.
    package static let leastShare = 0.5

    package init(
        _ curve: RateDistortionCurve, against anchor: RateDistortionCurve,
        leastShare: Double = CurveComparison.leastShare, of qualityName: String = "PSNRs"
    ) {
        // A codebook of one codeword costs nothing; its point has no place on a logarithmic axis.
        let curve = curve.withoutZeroRates
        let anchor = anchor.withoutZeroRates
        rates = Self.common(curve.rates, anchor.rates)
        qualities = Self.common(curve.qualities, anchor.qualities)
        var problems: [String] = []
        func delta(
            _ values: KeyPath<RateDistortionCurve, [Double]>, _ unit: String, logarithmic: Bool,
            _ compute: () throws -> Double
        ) -> Double? {
            let scaled = [curve, anchor].map { $0[keyPath: values].map { logarithmic ? log10($0) : $0 } }
            if let problem = Self.overlapProblem(scaled[0], scaled[1], unit, leastShare) {
                problems.append(problem)
                return nil
            }
            do {
                return try compute()
            } catch {
                problems.append((error as? ReportingError).map { "\($0.item): \($0.problem)" } ?? "\(error)")
                return nil
            }
        }
        quality = delta(\.rates, "rates", logarithmic: true) {
            try BjontegaardDelta.quality(of: curve, against: anchor)
        }
        rate = delta(\.qualities, qualityName, logarithmic: false) {
            try BjontegaardDelta.rate(of: curve, against: anchor)
        }
        if !problems.isEmpty {
            problem = problems.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.joined(separator: "; ")
        }
    }

    private static func common(_ first: [Double], _ second: [Double]) -> ClosedRange<Double>? {
        guard let low = [first.min(), second.min()].compactMap({ $0 }).max(), first.count > 0, second.count > 0,
            let high = [first.max(), second.max()].compactMap({ $0 }).min(), high > low
        else { return nil }
        return low...high
    }

    /// Nil where enough of both is common, and where the curves are so short that the deltas themselves refuse them.
    private static func overlapProblem(
        _ first: [Double], _ second: [Double], _ unit: String, _ leastShare: Double
    ) -> String? {
        guard first.count >= 2, second.count >= 2, (first + second).allSatisfy(\.isFinite) else { return nil }
        let shorter = min(first.max()! - first.min()!, second.max()! - second.min()!)
        let shared = common(first, second).map { $0.upperBound - $0.lowerBound } ?? 0
        guard shorter > 0, shared < leastShare * shorter else { return nil }
        let percent = Int((100 * shared / shorter).rounded(.down))
        return percent == 0
            ? "the curves have no \(unit) in common"
            : "the curves have only \(percent) % of the shorter one's \(unit) in common"
    }
}

extension RateDistortionCurve {
    /// The points that a logarithmic rate axis has a place for.
    package var withoutZeroRates: RateDistortionCurve {
        let kept = zip(rates, qualities).filter { $0.0 > 0 }
        return RateDistortionCurve(name: name, rates: kept.map(\.0), qualities: kept.map(\.1))
    }

    /// Quality at a rate between the lowest and the highest: PCHIP over the rate itself, along which high-rate curves
    /// are straight. Nil outside, and where two points or more with different rates are wanting.
    package func quality(at rate: Double) -> Double? {
        var points: [(rate: Double, quality: Double)] = []
        for point in zip(rates, qualities).sorted(by: { ($0.0, -$0.1) < ($1.0, -$1.1) })
        where point.0 > (points.last?.rate ?? -.infinity) && point.1.isFinite {
            points.append((point.0, point.1))
        }
        guard points.count >= 2, rate >= points[0].rate, rate <= points[points.count - 1].rate else { return nil }
        return MonotoneCubic(x: points.map(\.rate), y: points.map(\.quality)).value(at: rate)
    }
}
